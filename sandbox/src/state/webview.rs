//! Connect webviews: where a user logs in to a device maker's account.

use crate::ids::Id;

/// The address of the page, which the sandbox has not: nobody logs in by hand here.
pub(super) fn url(id: Id) -> String {
    format!("https://connect.getseam.com/connect_webviews/view?connect_webview_id={id}")
}
