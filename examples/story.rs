//! A back end gives a user access to one lock, and the user's app unlocks it. It plays against a
//! sandbox, and fails at the first step that is not as expected.
//!
//! ```sh
//! npx seam-session sandbox --json    # prints the endpoint and the API key
//! SEAM_ENDPOINT=… SEAM_API_KEY=… cargo run --example story --features reqwest
//! ```

use std::error::Error;

use futures_util::StreamExt;
use seam_session::resources::{ActionAttempt, Value};
use seam_session::{ErrorKind, Outcome, Seam, SeamError};

/// The result of a step that is not as expected.
type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let back_end = Seam::builder().from_env().build()?;

    let locks = back_end.locks().list().await?;
    println!("back end: the workspace has {} locks", locks.len());
    let mut online = locks
        .iter()
        .filter(|lock| lock.can_remotely_unlock == Some(true) && lock.properties.online);
    let [mine, theirs] = [online.next(), online.next()].map(|lock| {
        let lock = lock.ok_or("the workspace needs two locks that are online")?;
        Ok::<_, Failure>(lock.device_id.clone())
    });
    let (mine, theirs) = (mine?, theirs?);

    let user = back_end.user_identities().create().await?;
    let user = user.user_identity_id;
    back_end
        .user_identities()
        .grant_access_to_device(&mine, &user)
        .await?;
    let session = back_end
        .client_sessions()
        .create()
        .user_identity_id(&user)
        .await?;
    println!("back end: a user may open {mine}, and has a client session");

    let app = Seam::builder()
        .client_session_token(session.token.expose())
        .endpoint(std::env::var("SEAM_ENDPOINT")?)
        .build()?;
    expect(
        "the app sees one device",
        devices(&app).await? == [mine.clone()],
    )?;

    let attempt = app.locks().unlock_door(&mine).await?;
    let is_unlocked = matches!(attempt, ActionAttempt::UnlockDoorSuccess(_));
    expect("the app unlocks the door", is_unlocked)?;
    let lock = app.locks().get().device_id(&mine).await?;
    let is_locked = lock.properties.locked;
    expect("the lock is unlocked", is_locked == Some(false))?;

    let error = refusal(app.locks().unlock_door(&theirs).await)?;
    println!("app: the neighbour's door: {error}");
    expect(
        "the neighbour's door is refused",
        error.status() == Some(404) && error.outcome() == Outcome::Refused,
    )?;

    back_end
        .user_identities()
        .grant_access_to_device(&theirs, &user)
        .await?;
    expect(
        "another grant counts at once",
        devices(&app).await?.len() == 2,
    )?;
    back_end
        .user_identities()
        .revoke_access_to_device(&mine, &user)
        .await?;
    expect("so does its end", devices(&app).await? == [theirs.clone()])?;

    let session_id = session.client_session_id;
    back_end.client_sessions().revoke(session_id).await?;
    let error = refusal(app.devices().list().await)?;
    println!("app: {error}");
    expect(
        "the app sees that its session was revoked",
        error.kind() == ErrorKind::Revoked,
    )?;

    let response: Value = back_end
        .request(
            "/devices/get",
            [("device_id".to_owned(), Value::from(theirs))]
                .into_iter()
                .collect(),
        )
        .await?;
    expect(
        "a route can be called by its path",
        response.get("device_id").is_some(),
    )
}

/// The ids of all devices that a client sees.
async fn devices(seam: &Seam) -> Result<Vec<String>, SeamError> {
    let mut ids = Vec::new();
    let mut devices = seam.devices().list().limit(50).pages();
    while let Some(device) = devices.next().await {
        ids.push(device?.device_id);
    }
    Ok(ids)
}

fn expect(step: &str, is_so: bool) -> Result<(), Failure> {
    println!(
        "{}: {step}",
        if is_so {
            "as expected"
        } else {
            "NOT AS EXPECTED"
        }
    );
    if is_so { Ok(()) } else { Err(step.into()) }
}

fn refusal<T>(result: Result<T, SeamError>) -> Result<SeamError, Failure> {
    match result {
        Ok(_) => Err("the call succeeded".into()),
        Err(error) => Ok(error),
    }
}
