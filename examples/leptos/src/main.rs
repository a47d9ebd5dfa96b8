//! A guest's page: the doors that the guest may open, with a button for each. The list is kept up to
//! date, and the token is refreshed by the back end.
//!
//! `/seam-token` is a route of your back end, which returns a client session token of the signed-in
//! guest as text. `trunk serve` builds the page and serves it.

use futures_util::StreamExt;
use gloo_net::http::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use seam_session::client::{DeviceQuery, ListStatus};
use seam_session::resources::Device;
use seam_session::{ErrorKind, Seam, SeamError};

fn main() {
    mount_to_body(App);
}

/// Gets a token of the signed-in guest.
async fn next_token() -> Result<String, gloo_net::Error> {
    Request::post("/seam-token").send().await?.text().await
}

#[component]
fn App() -> impl IntoView {
    match Seam::builder().token_provider(next_token).build() {
        Ok(seam) => view! { <Doors seam /> }.into_any(),
        Err(error) => view! { <p role="alert">{error.to_string()}</p> }.into_any(),
    }
}

#[component]
fn Doors(seam: Seam) -> impl IntoView {
    let doors = RwSignal::new(Vec::<Device>::new());
    let notice = RwSignal::new(String::new());
    let seam = StoredValue::new_local(seam);

    spawn_local(async move {
        let query = DeviceQuery::new().can("can_remotely_unlock");
        let mut list = seam.get_value().devices().list().watch();
        while let Some(update) = list.next().await {
            let found = list.find(&query).into_iter();
            let found: Result<Vec<Device>, SeamError> =
                found.filter_map(|id| list.get(&id).transpose()).collect();
            match (found, update.status, update.error) {
                (Err(error), _, _) | (_, ListStatus::Stopped, Some(error)) => {
                    doors.set(Vec::new());
                    notice.set(explain(&error));
                }
                (Ok(found), _, _) => doors.set(found),
            }
        }
    });

    let unlock = move |device_id: String| {
        spawn_local(async move {
            notice.set("Unlocking…".to_owned());
            let result = seam.get_value().locks().unlock_door(device_id).await;
            notice.set(match result {
                Ok(_) => "The door is open.".to_owned(),
                Err(error) => explain(&error),
            });
        });
    };

    view! {
        <h1>"Your doors"</h1>
        <p role="status">{move || notice.get()}</p>
        <ul>
            <For each=move || doors.get() key=|door| door.device_id.clone() let:door>
                <li>
                    {door.display_name.clone()}
                    " "
                    <button on:click=move |_| unlock(door.device_id.clone())>"Unlock"</button>
                </li>
            </For>
        </ul>
    }
}

/// Returns what to tell the guest.
fn explain(error: &SeamError) -> String {
    match error.kind() {
        ErrorKind::MayHaveHappened => "The door may be open: try the handle.",
        ErrorKind::OutOfScope => "You have no access to this door.",
        ErrorKind::Expired | ErrorKind::Revoked | ErrorKind::SignedOut => "Please sign in again.",
        ErrorKind::DeviceOffline => "The lock is offline.",
        ErrorKind::ActionFailed => "The door did not open.",
        ErrorKind::Offline | ErrorKind::ServerUnavailable => "No connection. Try again.",
        _ => "Something went wrong.",
    }
    .to_owned()
}
