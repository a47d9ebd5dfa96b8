//! The session of one client: whose token is in use, what may be sent with it, and how it changes.
//!
//! A token changes in two ways. The app may set one: then the server is asked about it first, and
//! calls wait for the result of that *check*. Or the token function returns the next one: a
//! *refresh* ([`TokenRefresher`]). A check that succeeds takes precedence over a refresh, and a
//! later check over an earlier one.

use crate::clock::Moment;
use crate::route::RouteKind;
use crate::token_refresh::{RejectedCall, TokenAction, TokenRefresher, may_send_as_current_user};

/// Whose a token is, as far as the host knows. The host gives each client session and each user
/// identity a number of its own, from 1 on; 0 means that it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The number of the client session.
    pub session: u32,
    /// The number of the user identity. Seam's client sessions need not have one.
    pub user: u32,
}

impl Identity {
    /// Not known.
    pub const UNKNOWN: Self = Self {
        session: 0,
        user: 0,
    };

    /// Returns whether both are known to be the same session, or sessions of the same user identity.
    #[must_use]
    pub const fn is_same_user(self, other: Self) -> bool {
        (self.session != 0 && self.session == other.session)
            || (self.user != 0 && self.user == other.user)
    }
}

/// What a call must do before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallAction {
    /// As [`TokenAction::Use`].
    Use,
    /// As [`TokenAction::UseAndRefresh`].
    UseAndRefresh,
    /// As [`TokenAction::Refresh`].
    Refresh,
    /// As [`TokenAction::AwaitRefresh`].
    AwaitRefresh,
    /// As [`TokenAction::Backoff`].
    Backoff,
    /// Fail: the call was made for another user than that of the current token.
    SessionChanged,
}

/// What has become of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenChange {
    /// It is not used, because a later token takes precedence.
    Superseded,
    /// It replaces one of the same user.
    SameUser,
    /// It replaces another user's, or one whose user is not known, or it is the first.
    OtherUser,
}

/// Why the token function is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshReason {
    /// There was no token yet.
    Initial,
    /// The current token expires soon, or has expired.
    Expiring,
    /// The server has rejected the current token.
    Rejected,
}

/// What to do with a token that the token function has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshStep {
    /// Nothing: a token was set meanwhile, or the refresh took too long.
    Ignore,
    /// Wait for the end of the check in progress, then poll again.
    AwaitCheck,
    /// Ask the server whose it is, then poll again.
    Identify,
    /// Pass it to [`ClientSession::handle_token`], and use it.
    Adopt,
    /// The refresh has failed: it is the current token, and its session was not extended.
    SameToken,
    /// It is another user's, and this client keeps its user. The refresh has failed.
    OtherUser,
}

/// How a token that the token function has returned compares with the one in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenMatch {
    /// It is another one.
    Other,
    /// It is the same one, and its session expires as before.
    Same,
    /// It is the same one, and its session was extended.
    Extended,
}

/// How a refresh that failed has left the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// The refresh had ended already.
    Unchanged,
    /// The current token may still be accepted.
    Alive,
    /// The session has ended: nothing of it may be shown any more.
    Lost,
}

/// A call, as far as it matters whose it is.
#[derive(Clone, Copy, Debug)]
pub struct CallOrigin {
    /// The kind of its route.
    pub kind: RouteKind,
    /// The number of the check that was in progress when it was made; 0 if there was none.
    pub check: u32,
    /// The token generation when it was made or, if it waited for a check, when that ended.
    pub generation: u32,
}

/// What a client is like, which never changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionOptions {
    /// It has a token function.
    pub refreshes: bool,
    /// Each token must belong to one user identity, so none is used before the server was asked.
    pub is_pinned: bool,
    /// The token function may not change the user.
    pub keeps_user: bool,
}

/// The numbers of a session, with which it continues in another instance of the module.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionNumbers {
    /// The number of the current token; 0 if there is none.
    pub token: u32,
    /// The token generation: it counts the tokens that have replaced another.
    pub generation: u32,
    /// The token generation at which the current user's first token was set.
    pub user_generation: u32,
    /// The number of the last check, and whether it is in progress.
    pub check: u32,
    /// Whether the last check is in progress.
    pub is_checking: bool,
    /// The number of the last check that succeeded.
    pub accepted_check: u32,
    /// The number of the last refresh.
    pub refresh: u32,
}

/// The session of one client. It holds no token: the host does.
#[derive(Clone, Debug)]
pub struct ClientSession {
    options: SessionOptions,
    numbers: SessionNumbers,
    refresher: TokenRefresher,
}

impl ClientSession {
    /// A session without a token.
    #[must_use]
    pub const fn new(options: SessionOptions) -> Self {
        Self {
            options,
            numbers: SessionNumbers {
                token: 0,
                generation: 0,
                user_generation: 0,
                check: 0,
                is_checking: false,
                accepted_check: 0,
                refresh: 0,
            },
            refresher: TokenRefresher::new(),
        }
    }

    /// A session that continues with these numbers. Its token counts as received now.
    #[must_use]
    pub fn resume(options: SessionOptions, numbers: SessionNumbers, now: u64) -> Self {
        let mut session = Self::new(options);
        session.numbers = numbers;
        if numbers.token > 0 {
            session.refresher.handle_resumed(numbers.token, now);
        }
        session
    }

    /// Returns the numbers of the session.
    #[must_use]
    pub const fn numbers(&self) -> SessionNumbers {
        self.numbers
    }

    /// Returns why the next token is needed.
    #[must_use]
    pub const fn refresh_reason(&self) -> RefreshReason {
        if self.numbers.token == 0 {
            RefreshReason::Initial
        } else if self.refresher.is_rejected() {
            RefreshReason::Rejected
        } else {
            RefreshReason::Expiring
        }
    }

    /// Returns what a call must do before it is sent. [`CallAction::Refresh`] and
    /// [`CallAction::UseAndRefresh`] start a refresh: the host passes its number,
    /// [`SessionNumbers::refresh`], to [`poll_refresh`](Self::poll_refresh) with the token, or to
    /// [`handle_refresh_failed`](Self::handle_refresh_failed).
    pub fn poll_call(&mut self, call: CallOrigin, now: Moment) -> CallAction {
        if !self.may_send(call) {
            return CallAction::SessionChanged;
        }
        if !self.options.refreshes {
            return CallAction::Use;
        }
        match self.poll_token(now) {
            TokenAction::Use => CallAction::Use,
            TokenAction::UseAndRefresh => CallAction::UseAndRefresh,
            TokenAction::Refresh => CallAction::Refresh,
            TokenAction::AwaitRefresh => CallAction::AwaitRefresh,
            TokenAction::Backoff => CallAction::Backoff,
        }
    }

    /// As [`poll_call`](Self::poll_call), when the timer of [`poll_timer`](Self::poll_timer) fires.
    pub fn poll_token(&mut self, now: Moment) -> TokenAction {
        let action = self.refresher.poll_action(now);
        if matches!(action, TokenAction::Refresh | TokenAction::UseAndRefresh) {
            self.numbers.refresh += 1;
        }
        action
    }

    /// Returns whether a call may be sent with the current token: a read always may; a write or an
    /// action only as the user that it was made for. A call that was made during a check was made
    /// for the user of that token.
    #[must_use]
    pub fn may_send(&self, call: CallOrigin) -> bool {
        let is_for_check = call.check == 0 || call.check == self.numbers.accepted_check;
        (call.kind == RouteKind::Read || is_for_check)
            && may_send_as_current_user(call.kind, call.generation, self.numbers.user_generation)
    }

    /// Handles the start of a check. The host numbers the checks, from 1 on. It must now hide what
    /// it shows, and hold calls, until a check ends.
    pub fn handle_check(&mut self, check: u32) {
        self.numbers.check = check;
        self.numbers.is_checking = true;
    }

    /// Handles the server's acceptance of a token that was checked. `current` is whose the token in
    /// use is, and `next` whose this one is. Unless it is superseded, the check has ended, and the
    /// token is in use.
    pub fn handle_check_accepted(
        &mut self,
        check: u32,
        current: Identity,
        next: Identity,
        now: u64,
    ) -> TokenChange {
        if !self.end_check(check) {
            return TokenChange::Superseded;
        }
        self.numbers.accepted_check = check;
        // Even the first token: calls that were made before it were made for the token function's
        // user.
        self.set_token(current, next, true, now)
    }

    /// Handles the server's rejection of a token that was checked, or a failure to ask. Returns
    /// whether the check has ended, and the last token stays in use; false if a later check takes
    /// precedence.
    pub fn handle_check_rejected(&mut self, check: u32) -> bool {
        self.end_check(check)
    }

    fn end_check(&mut self, check: u32) -> bool {
        let is_last = check == self.numbers.check;
        self.numbers.is_checking &= !is_last;
        is_last
    }

    /// Returns what to do with the token that refresh number `refresh` has brought. `next` is whose
    /// it is, or [`Identity::UNKNOWN`] before the host has asked; `current` is whose the token in
    /// use is.
    #[must_use]
    pub fn poll_refresh(
        &self,
        refresh: u32,
        current: Identity,
        next: Identity,
        token: TokenMatch,
    ) -> RefreshStep {
        let has_token = self.numbers.token > 0;
        let is_identified = next != Identity::UNKNOWN;
        if refresh != self.numbers.refresh {
            RefreshStep::Ignore
        } else if self.numbers.is_checking {
            RefreshStep::AwaitCheck
        } else if !is_identified && (has_token || self.options.is_pinned) {
            RefreshStep::Identify
        } else if token == TokenMatch::Same {
            RefreshStep::SameToken
        } else if has_token && self.options.keeps_user && !next.is_same_user(current) {
            RefreshStep::OtherUser
        } else {
            RefreshStep::Adopt
        }
    }

    /// Handles the token of a refresh, which is in use now.
    pub fn handle_token(&mut self, current: Identity, next: Identity, now: u64) -> TokenChange {
        let is_counted = self.numbers.token > 0;
        self.set_token(current, next, is_counted, now)
    }

    fn set_token(
        &mut self,
        current: Identity,
        next: Identity,
        is_counted: bool,
        now: u64,
    ) -> TokenChange {
        let is_same = next.is_same_user(current);
        let numbers = &mut self.numbers;
        if is_counted {
            numbers.generation += 1;
            if !is_same {
                numbers.user_generation = numbers.generation;
            }
        }
        numbers.refresh += 1;
        numbers.token = self.refresher.handle_token(now);
        if is_same {
            TokenChange::SameUser
        } else {
            TokenChange::OtherUser
        }
    }

    /// Handles the failure of a refresh. `is_signed_out` is whether the token function has ended
    /// the session.
    pub fn handle_refresh_failed(
        &mut self,
        refresh: u32,
        is_signed_out: bool,
        now: u64,
        jitter: u32,
    ) -> SessionStatus {
        if refresh != self.numbers.refresh {
            return SessionStatus::Unchanged;
        }
        self.numbers.refresh += 1;
        if is_signed_out {
            self.refresher.handle_sign_out();
            SessionStatus::Lost
        } else if self.refresher.handle_refresh_failed(now, jitter) {
            SessionStatus::Lost
        } else {
            SessionStatus::Alive
        }
    }

    /// As [`TokenRefresher::handle_token_accepted`].
    pub fn handle_token_accepted(
        &mut self,
        token: u32,
        expires_at: Option<u64>,
        now: Moment,
    ) -> bool {
        self.refresher.handle_token_accepted(token, expires_at, now)
    }

    /// As [`TokenRefresher::handle_expiry_unknown`].
    pub fn handle_expiry_unknown(&mut self, token: u32, now: u64, jitter: u32) {
        self.refresher.handle_expiry_unknown(token, now, jitter);
    }

    /// As [`TokenRefresher::handle_unauthorized`]. The host then polls the call again, so it is not
    /// sent as another user.
    pub fn handle_unauthorized(&mut self, token: u32, call: &RejectedCall, jitter: u32) -> bool {
        self.refresher.handle_unauthorized(token, call, jitter)
    }

    /// As [`TokenRefresher::poll_timer`].
    pub fn poll_timer(&mut self, now: Moment) -> Option<u64> {
        self.refresher.poll_timer(now)
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
