/// What is known of a round that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// Whether the server said that the token is dead, and nothing renewed it.
    pub token_refused: bool,
}

/// What a failed round means for what is shown, and for the rounds to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass: what is shown is kept and called stale; the next round comes.
    Stale,
    /// What was asked for is not in the session's scope (any more): nothing of
    /// it is shown. It may be granted again, so the next round comes.
    Gone,
    /// The session is over: nothing of it is shown, and no round comes.
    Over,
    /// It will fail the same way each time: what is shown is kept, no round comes.
    Hopeless,
}

impl Trouble {
    /// What it means. A revocation empties what is shown; it does not merely
    /// call it stale.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self.status {
            _ if self.token_refused => Verdict::Over,
            Some(401 | 403 | 404) => Verdict::Gone,
            Some(408 | 425 | 429) => Verdict::Stale,
            Some(400..=499) => Verdict::Hopeless,
            _ => Verdict::Stale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_round_means_what_its_answer_says() {
        let cases = [
            (None, false, Verdict::Stale),
            (Some(500), false, Verdict::Stale),
            (Some(503), false, Verdict::Stale),
            (Some(429), false, Verdict::Stale),
            (Some(408), false, Verdict::Stale),
            (Some(200), false, Verdict::Stale),
            (Some(404), false, Verdict::Gone),
            (Some(401), false, Verdict::Gone),
            (Some(403), false, Verdict::Gone),
            (Some(401), true, Verdict::Over),
            (Some(400), false, Verdict::Hopeless),
            (Some(405), false, Verdict::Hopeless),
        ];
        for (status, token_refused, expected) in cases {
            let trouble = Trouble {
                status,
                token_refused,
            };
            assert_eq!(trouble.verdict(), expected, "{trouble:?}");
        }
    }
}
