//! Parses `map.txt`, which says what each parameter of each route names and how it is refused.

/// A parameter of a route.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: &'static str,
    pub(super) parameter: &'static str,
    /// `None` for a parameter that names nothing.
    pub(super) names: Option<Names>,
}

/// What a parameter names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// The key in [`User::own`](super::users::User).
    pub(super) kind: &'static str,
    pub(super) refusal: Refusal,
    /// Whether the response shows anything to the user that it was granted to.
    pub(super) is_shown: bool,
}

/// How a request is refused that names a record of another user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// With 404 and this type, or with 401 if the sandbox is set so.
    Hidden(&'static str),
    /// With 404 and this type, because it is resolved within scope.
    NotFound(&'static str),
    /// Not at all: the response is a success without the record.
    Absent,
}

/// Returns the routes in the order of the file.
pub(super) fn paths() -> Vec<&'static str> {
    lines().filter(|it| it.starts_with('/')).collect()
}

/// Returns all parameters of all routes.
pub(super) fn entries() -> Vec<Entry> {
    let mut path = "";
    let mut entries = Vec::new();
    for line in lines() {
        let mut words = line.split_whitespace();
        let first = words.next().expect("no empty line");
        if first.starts_with('/') {
            path = first;
        } else if first == "-" {
            entries.extend(words.map(|parameter| Entry {
                path,
                parameter,
                names: None,
            }));
        } else {
            entries.push(Entry {
                path,
                parameter: first,
                names: Some(names(&words.collect::<Vec<_>>())),
            });
        }
    }
    entries
}

fn names(words: &[&'static str]) -> Names {
    let (kind, resource) = (words[0], words[1]);
    let refusal = match resource {
        "absent" => Refusal::Absent,
        _ if words[2..] == ["in_scope"] => Refusal::NotFound(resource),
        _ => Refusal::Hidden(resource),
    };
    Names {
        kind: kind.trim_end_matches('!'),
        refusal,
        is_shown: !kind.ends_with('!'),
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("map.txt").lines().map(str::trim_end);
    lines.filter(|it| !it.is_empty() && !it.starts_with('#'))
}
