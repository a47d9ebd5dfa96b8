//! A command-line tool for the locks of a workspace, or of a client session.
//!
//! ```sh
//! export SEAM_API_KEY=…      # or SEAM_CLIENT_SESSION_TOKEN=…
//! cargo run --example locks --features reqwest                 # lists the locks
//! cargo run --example locks --features reqwest -- unlock ID
//! cargo run --example locks --features reqwest -- watch        # prints each change
//! ```

use std::env;
use std::error::Error;
use std::process::ExitCode;

use futures_util::StreamExt;
use seam_session::resources::Device;
use seam_session::{ErrorKind, Seam, SeamError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            if let Some(error) = error.downcast_ref::<SeamError>() {
                eprintln!("{}", advice(error.kind()));
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let builder = Seam::builder();
    let builder = match env::var("SEAM_CLIENT_SESSION_TOKEN") {
        Ok(token) => builder.client_session_token(token),
        Err(_) => builder,
    };
    let seam = builder.from_env().build()?;
    match arguments {
        [] => {
            for lock in seam.locks().list().await? {
                print(&lock);
            }
        }
        ["unlock", device_id] => {
            seam.locks().unlock_door(*device_id).await?;
            println!("unlocked");
        }
        ["watch"] => {
            let mut locks = seam.locks().list().watch();
            while let Some(update) = locks.next().await {
                for id in update.added.iter().chain(&update.changed) {
                    if let Some(lock) = locks.get(id)? {
                        print(&lock);
                    }
                }
                for id in &update.removed {
                    println!("{id}  gone");
                }
                if let Some(error) = update.error {
                    eprintln!("{error}");
                }
            }
        }
        _ => return Err("usage: locks [unlock ID | watch]".into()),
    }
    Ok(())
}

fn print(lock: &Device) {
    let state = match lock.properties.locked {
        _ if !lock.properties.online => "offline",
        Some(true) => "locked",
        Some(false) => "unlocked",
        None => "unknown",
    };
    println!("{}  {state:8}  {}", lock.device_id, lock.display_name);
}

fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::MayHaveHappened => "The door may be open: look before you try again.",
        ErrorKind::Expired | ErrorKind::SignedOut => "Sign in again.",
        ErrorKind::Revoked => "The access of this user has ended.",
        ErrorKind::OutOfScope => "This user may not do that.",
        ErrorKind::Offline | ErrorKind::ServerUnavailable => "Try again later.",
        ErrorKind::RateLimited => "Wait a moment.",
        _ => "Nothing was changed.",
    }
}
