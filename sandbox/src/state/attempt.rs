//! An action attempt: asked for now, done a moment later.

use seam_session::resources::action_attempts as api;
use serde_json::{Map, Value};

use crate::ids::Id;
use crate::time::Millis;

/// How long an attempt stays pending.
pub(crate) const ATTEMPT_MS: Millis = 400;

/// What is asked of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Lock,
    Unlock,
}

/// How far an attempt is.
#[derive(Debug)]
pub(super) enum Progress {
    Pending,
    Succeeded,
    Failed {
        kind: &'static str,
        message: &'static str,
    },
}

/// An action attempt. The API's object does not tell the device nor who asked; scope needs both.
#[derive(Debug)]
pub(crate) struct ActionAttempt {
    pub(super) id: Id,
    pub(super) device: Id,
    pub(super) action: Action,
    pub(super) progress: Progress,
    /// The session that asked; none if it was the API key.
    pub(super) session: Option<Id>,
    /// The user identity that the session belonged to when it asked.
    pub(super) user_identity: Option<Id>,
}

/// Makes a variant of the API's action attempts.
type Variant<T> = fn(Box<T>) -> api::ActionAttempt;

impl Action {
    /// `of` as the variant `lock` or `unlock`.
    fn variant<T>(self, lock: Variant<T>, unlock: Variant<T>, of: T) -> api::ActionAttempt {
        match self {
            Self::Lock => lock(Box::new(of)),
            Self::Unlock => unlock(Box::new(of)),
        }
    }

    /// The flag that a device must have for it.
    pub(crate) fn flag(self) -> &'static str {
        match self {
            Self::Lock => "can_remotely_lock",
            Self::Unlock => "can_remotely_unlock",
        }
    }

    /// The state of the lock when it is done.
    pub(super) fn locks(self) -> bool {
        self == Self::Lock
    }
}

impl ActionAttempt {
    /// The object of the API.
    pub(crate) fn to_json(&self) -> Value {
        use api::ActionAttempt as Api;

        let (action_attempt_id, other) = (self.id.to_string(), Map::new());
        match &self.progress {
            Progress::Pending => self.action.variant(
                Api::LockDoorPending,
                Api::UnlockDoorPending,
                api::ActionAttemptPending {
                    action_attempt_id,
                    result: Value::Null,
                    error: Value::Null,
                    other,
                },
            ),
            Progress::Succeeded => self.action.variant(
                Api::LockDoorSuccess,
                Api::UnlockDoorSuccess,
                api::ActionAttemptLockDoorSuccess {
                    action_attempt_id,
                    result: api::ActionAttemptLockDoorSuccessResult {
                        was_confirmed_by_device: Some(true),
                        other: Map::new(),
                    },
                    error: Value::Null,
                    other,
                },
            ),
            Progress::Failed { kind, message } => self.action.variant(
                Api::LockDoorError,
                Api::UnlockDoorError,
                api::ActionAttemptError {
                    action_attempt_id,
                    result: Value::Null,
                    error: api::ActionAttemptErrorError {
                        r#type: (*kind).to_owned(),
                        message: (*message).to_owned(),
                        other: Map::new(),
                    },
                    other,
                },
            ),
        }
        .into()
    }
}
