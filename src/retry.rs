use crate::route::Effect;

/// What a failed try says about another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No answer, or one that broke off: the request may have been carried out.
    NoAnswer,
    /// An answer with this status, and what it asks to wait, in milliseconds.
    Status(u16, Option<u64>),
    /// It will be the same each time: a redirect, or what is no request or response at all.
    Final,
}

impl Fault {
    /// Whether a poll that failed so may succeed later: no answer, or one that speaks of a
    /// passing state of the server.
    pub(crate) fn may_pass(self) -> bool {
        match self {
            Self::NoAnswer => true,
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
    effect: Effect,
    fault: Fault,
    tries: u32,
    max_retries: u32,
    jitter: u32,
) -> Option<u64> {
    if tries > max_retries {
        return None;
    }
    let may_pass = match (effect, fault) {
        (Effect::Read, fault) => fault.may_pass() && !matches!(fault, Fault::Status(501, _)),
        (Effect::Write, Fault::Status(status, _)) => status == 429,
        (Effect::Write | Effect::Act, _) => false,
    };
    if !may_pass {
        return None;
    }
    // 200 ms, 400 ms, ... and up to a fifth more, as the official SDK waits.
    let back_off = 100_u64 << tries.min(8);
    let back_off = back_off + back_off * u64::from(jitter.min(1_000)) / 5_000;
    let asked = match fault {
        Fault::Status(_, asked) => asked.unwrap_or(0),
        Fault::NoAnswer | Fault::Final => 0,
    };
    (asked <= LONGEST_WAIT).then_some(back_off.max(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Effect::{Act, Read, Write};

    #[test]
    fn repeats_only_what_may_be_repeated() {
        let cases = [
            (Read, Fault::NoAnswer, true),
            (Read, Fault::Status(408, None), true),
            (Read, Fault::Status(429, None), true),
            (Read, Fault::Status(500, None), true),
            (Read, Fault::Status(503, None), true),
            (Read, Fault::Status(501, None), false),
            (Read, Fault::Status(600, None), true),
            (Read, Fault::Final, false),
            (Write, Fault::Final, false),
            (Act, Fault::Final, false),
            (Read, Fault::Status(400, None), false),
            (Read, Fault::Status(401, None), false),
            (Read, Fault::Status(404, None), false),
            (Write, Fault::NoAnswer, false),
            (Write, Fault::Status(429, None), true),
            (Write, Fault::Status(408, None), false),
            (Write, Fault::Status(500, None), false),
            (Write, Fault::Status(503, None), false),
            (Act, Fault::NoAnswer, false),
            (Act, Fault::Status(429, None), false),
            (Act, Fault::Status(503, None), false),
        ];
        for (effect, fault, again) in cases {
            assert_eq!(
                delay(effect, fault, 1, 2, 0).is_some(),
                again,
                "{effect:?} {fault:?}"
            );
        }
    }

    #[test]
    fn stops_after_the_retries_it_was_given() {
        assert_eq!(delay(Read, Fault::NoAnswer, 1, 0, 0), None);
        assert_eq!(delay(Read, Fault::NoAnswer, 1, 2, 0), Some(200));
        assert_eq!(delay(Read, Fault::NoAnswer, 2, 2, 0), Some(400));
        assert_eq!(delay(Read, Fault::NoAnswer, 3, 2, 0), None);
    }

    #[test]
    fn the_backoff_stops_growing_and_takes_at_most_a_fifth_of_jitter() {
        let wait = |tries, jitter| delay(Read, Fault::NoAnswer, tries, 20, jitter);
        assert_eq!(wait(8, 0), Some(25_600));
        assert_eq!(wait(20, 0), Some(25_600));
        assert_eq!(wait(1, 1_000), Some(240));
        assert_eq!(wait(1, u32::MAX), Some(240));
    }

    #[test]
    fn waits_as_long_as_the_server_asks_but_not_for_ever() {
        let wait = |asked| delay(Read, Fault::Status(429, Some(asked)), 1, 2, 1_000);
        assert_eq!(wait(0), Some(240));
        assert_eq!(wait(3_000), Some(3_000));
        assert_eq!(wait(60_000), Some(60_000));
        assert_eq!(wait(60_001), None);
        assert_eq!(wait(u64::MAX), None);
    }
}
