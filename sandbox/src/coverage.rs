//! Counts the calls of client sessions by route and result.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::schema::{self, CLIENT_SESSION, Route};

/// The calls of client sessions, by route.
#[derive(Debug, Default)]
pub(crate) struct Coverage(BTreeMap<&'static str, Calls>);

#[derive(Clone, Copy, Debug, Default)]
struct Calls {
    in_scope: u64,
    out_of_scope: u64,
    other: u64,
}

impl Coverage {
    /// Counts the call of an authenticated session.
    pub(crate) fn count<T>(&mut self, route: &'static Route, result: &Result<T, ApiError>) {
        let calls = self.0.entry(route.path).or_default();
        match result {
            Ok(_) => calls.in_scope += 1,
            Err(refused) if refused.is_out_of_scope() => calls.out_of_scope += 1,
            Err(_) => calls.other += 1,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn to_json(&self) -> Value {
        let by_route: Vec<Value> = self
            .rows()
            .map(|(path, calls)| {
                json!({
                    "path": path,
                    "in_scope": calls.in_scope,
                    "out_of_scope": calls.out_of_scope,
                    "other": calls.other,
                })
            })
            .collect();
        json!({
            "routes": by_route.len(),
            "in_scope": self.rows().filter(|(_, it)| it.in_scope > 0).count(),
            "out_of_scope": self.rows().filter(|(_, it)| it.out_of_scope > 0).count(),
            "by_route": by_route,
        })
    }

    /// Returns the counts as a table for people.
    pub(crate) fn to_text(&self) -> String {
        let widest = self.rows().map(|(path, _)| path.len()).max();
        let width = widest.unwrap_or_default();
        let mut text = format!("{:width$}  in scope  out of scope  other\n", "");
        for (path, calls) in self.rows() {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{path:width$}  {:>8}  {:>12}  {:>5}",
                calls.in_scope, calls.out_of_scope, calls.other
            );
        }
        let reached = |reached: fn(Calls) -> bool| self.rows().filter(|it| reached(it.1)).count();
        let _ = writeln!(
            text,
            "\nOf {} routes {} in scope, {} out of scope.",
            self.rows().count(),
            reached(|it| it.in_scope > 0),
            reached(|it| it.out_of_scope > 0),
        );
        text
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, Calls)> + '_ {
        schema::documented()
            .filter(|it| it.credentials & CLIENT_SESSION != 0)
            .map(|it| (it.path, self.0.get(it.path).copied().unwrap_or_default()))
    }
}
