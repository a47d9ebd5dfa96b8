//! How refusals name what is not there.

use crate::error::ApiError;

/// How errors name a resource.
#[derive(Debug)]
pub(super) struct Resource {
    not_found: &'static str,
    pub(super) noun: &'static str,
}

pub(super) static DEVICE: Resource = Resource {
    not_found: "device_not_found",
    noun: "device",
};
pub(super) static ACTION_ATTEMPT: Resource = Resource {
    not_found: "action_attempt_not_found",
    noun: "action attempt",
};
pub(super) static CLIENT_SESSION: Resource = Resource {
    not_found: "client_session_not_found",
    noun: "client session",
};
pub(super) static USER_IDENTITY: Resource = Resource {
    not_found: "user_identity_not_found",
    noun: "user identity",
};
pub(super) static CONNECTED_ACCOUNT: Resource = Resource {
    not_found: "connected_account_not_found",
    noun: "connected account",
};
pub(super) static CONNECT_WEBVIEW: Resource = Resource {
    not_found: "connect_webview_not_found",
    noun: "connect webview",
};

impl Resource {
    pub(super) fn not_found(&self) -> ApiError {
        ApiError::new(404, self.not_found, self.message())
    }

    /// 400, where the id is a reference in the input and not the thing asked for: so the one
    /// published example has it.
    pub(super) fn bad_reference(&self) -> ApiError {
        ApiError::new(400, self.not_found, self.message())
    }

    fn message(&self) -> String {
        let mut noun = self.noun.to_owned();
        if let Some(first) = noun.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        format!("{noun} not found")
    }
}
