use crate::route::RouteKind;

/// What a failed try says about another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryClass {
    /// No answer, or one that broke off: the request may have been carried out.
    NoResponse,
    /// An answer with this status, and what it asks to wait, in milliseconds.
    Status(u16, Option<u64>),
    /// It will be the same each time: a redirect, or what is no request or response at all.
    Final,
}

impl RetryClass {
    /// Whether a poll that failed so may succeed later: no answer, or one that speaks of a
    /// passing state of the server.
    pub(crate) fn may_pass(self) -> bool {
        match self {
            Self::NoResponse => true,
            Self::Status(status, _) => matches!(status, 408 | 429 | 500..),
            Self::Final => false,
        }
    }
}

/// The longest that a call waits for a server that asks for patience; a longer
/// wait is the caller's to decide, who is told of it.
const LONGEST_WAIT: u64 = 60_000;

/// How long to wait before the next try, in milliseconds; `None` when there
/// shall be none. `tries` is how many were made, `jitter` from 0 to 1000.
///
/// A read is repeated after anything that may pass. A write is repeated only
/// when the server said that it did nothing and to come again (429); an act
/// never, for whoever asked for a door to open has moved on.
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
    let may_pass = match (kind, class) {
        (RouteKind::Read, class) => {
            class.may_pass() && !matches!(class, RetryClass::Status(501, _))
        }
        (RouteKind::Write, RetryClass::Status(status, _)) => status == 429,
        (RouteKind::Write | RouteKind::Action, _) => false,
    };
    if !may_pass {
        return None;
    }
    // 200 ms, 400 ms, ... and up to a fifth more, as the official SDK waits.
    let backoff = 100_u64 << tries.min(8);
    let backoff = backoff + backoff * u64::from(jitter.min(1_000)) / 5_000;
    let asked = match class {
        RetryClass::Status(_, asked) => asked.unwrap_or(0),
        RetryClass::NoResponse | RetryClass::Final => 0,
    };
    (asked <= LONGEST_WAIT).then_some(backoff.max(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use RouteKind::{Action, Read, Write};

    #[test]
    fn repeats_only_what_may_be_repeated() {
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
    fn stops_after_the_retries_it_was_given() {
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
