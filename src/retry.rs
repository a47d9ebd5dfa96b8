use crate::route::RouteKind;

/// Whether, and when, a failed request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryClass {
    /// There was no complete response: the request may have been executed.
    NoResponse,
    /// The response had this status, and this `Retry-After` in milliseconds.
    Status(u16, Option<u64>),
    /// The same would happen each time.
    Final,
}

impl RetryClass {
    /// Whether a later request may succeed.
    pub(crate) fn is_transient(self) -> bool {
        match self {
            Self::NoResponse => true,
            Self::Status(status, _) => matches!(status, 408 | 429 | 500..),
            Self::Final => false,
        }
    }
}

/// The longest `Retry-After` that a call waits for, in milliseconds. After a longer one it fails, and
/// the error has the time.
const LONGEST_WAIT: u64 = 60_000;

/// Returns the milliseconds to wait before a request is sent again; `None` if it is not. `tries` is
/// how often it was sent, and `jitter` is from 0 to 1000.
///
/// A read is sent again after any transient failure. A write is sent again only after a 429, which
/// says that it was not executed. An action is never sent again.
pub(crate) fn delay(
    kind: RouteKind,
    class: RetryClass,
    tries: u32,
    max_retries: u32,
    jitter: u32,
) -> Option<u64> {
    if tries > max_retries {
        return None;
    }
    let is_retried = match (kind, class) {
        (RouteKind::Read, class) => {
            class.is_transient() && !matches!(class, RetryClass::Status(501, _))
        }
        (RouteKind::Write, RetryClass::Status(status, _)) => status == 429,
        (RouteKind::Write | RouteKind::Action, _) => false,
    };
    if !is_retried {
        return None;
    }
    // 200 ms, 400 ms and so on, plus up to a fifth, as in the official SDK.
    let backoff = 100_u64 << tries.min(8);
    let backoff = backoff + backoff * u64::from(jitter.min(1_000)) / 5_000;
    let retry_after = match class {
        RetryClass::Status(_, retry_after) => retry_after.unwrap_or(0),
        RetryClass::NoResponse | RetryClass::Final => 0,
    };
    (retry_after <= LONGEST_WAIT).then_some(backoff.max(retry_after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use RouteKind::{Action, Read, Write};

    #[test]
    fn only_requests_that_are_safe_to_repeat_are_repeated() {
        let cases = [
            (Read, RetryClass::NoResponse, true),
            (Read, RetryClass::Status(408, None), true),
            (Read, RetryClass::Status(429, None), true),
            (Read, RetryClass::Status(500, None), true),
            (Read, RetryClass::Status(503, None), true),
            (Read, RetryClass::Status(501, None), false),
            (Read, RetryClass::Status(600, None), true),
            (Read, RetryClass::Final, false),
            (Write, RetryClass::Final, false),
            (Action, RetryClass::Final, false),
            (Read, RetryClass::Status(400, None), false),
            (Read, RetryClass::Status(401, None), false),
            (Read, RetryClass::Status(404, None), false),
            (Write, RetryClass::NoResponse, false),
            (Write, RetryClass::Status(429, None), true),
            (Write, RetryClass::Status(408, None), false),
            (Write, RetryClass::Status(500, None), false),
            (Write, RetryClass::Status(503, None), false),
            (Action, RetryClass::NoResponse, false),
            (Action, RetryClass::Status(429, None), false),
            (Action, RetryClass::Status(503, None), false),
        ];
        for (kind, class, again) in cases {
            assert_eq!(
                delay(kind, class, 1, 2, 0).is_some(),
                again,
                "{kind:?} {class:?}"
            );
        }
    }

    #[test]
    fn the_number_of_retries_is_limited() {
        assert_eq!(delay(Read, RetryClass::NoResponse, 1, 0, 0), None);
        assert_eq!(delay(Read, RetryClass::NoResponse, 1, 2, 0), Some(200));
        assert_eq!(delay(Read, RetryClass::NoResponse, 2, 2, 0), Some(400));
        assert_eq!(delay(Read, RetryClass::NoResponse, 3, 2, 0), None);
    }

    #[test]
    fn the_backoff_stops_growing_and_takes_at_most_a_fifth_of_jitter() {
        let wait = |tries, jitter| delay(Read, RetryClass::NoResponse, tries, 20, jitter);
        assert_eq!(wait(8, 0), Some(25_600));
        assert_eq!(wait(20, 0), Some(25_600));
        assert_eq!(wait(1, 1_000), Some(240));
        assert_eq!(wait(1, u32::MAX), Some(240));
    }

    #[test]
    fn waits_as_long_as_the_server_asks_but_not_for_ever() {
        let wait = |asked| delay(Read, RetryClass::Status(429, Some(asked)), 1, 2, 1_000);
        assert_eq!(wait(0), Some(240));
        assert_eq!(wait(3_000), Some(3_000));
        assert_eq!(wait(60_000), Some(60_000));
        assert_eq!(wait(60_001), None);
        assert_eq!(wait(u64::MAX), None);
    }
}
