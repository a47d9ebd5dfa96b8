//! All pages of a list, one after another.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde_json::Value;

use super::error::SeamError;
use super::request::{RequestParts, read_result, unexpected_type};
use super::response::ApiResponse;
use super::transport::BoxFuture;
use crate::resources::wire::Wire;

/// A limit for a server that returns new cursors for ever.
const MAX_PAGES: usize = 10_000;

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The cursor of the next page, for the parameter `page_cursor`; `None` on the last page.
    pub next_page_cursor: Option<String>,
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// Reads a page.
pub(crate) fn read_page<T: Wire>(response: &ApiResponse, path: &str) -> Result<Page<T>, SeamError> {
    let is_last = response.at("pagination.has_next_page") == Some(&Value::Bool(false));
    let cursor = response.at("pagination.next_page_cursor");
    let next_page_cursor = match cursor {
        None | Some(Value::Null) => None,
        _ if is_last => None,
        Some(Value::String(cursor)) => Some(cursor.clone()),
        Some(_) => return Err(no_new_cursor(path)),
    };
    Ok(Page {
        items: read_result(response, path)?,
        next_page_cursor,
    })
}

fn no_new_cursor(path: &str) -> SeamError {
    unexpected_type(path, "pagination", "next_page_cursor: it is no new cursor")
}

/// The items of all pages of a list. The next page is requested when the last item of the previous
/// one was taken. After an error the stream ends.
///
/// All pages are of one user: if the token of another user replaces that of the first page, the
/// stream ends with `session_changed`.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Pages<T> {
    request: Option<RequestParts>,
    items: VecDeque<T>,
    /// The cursors so far.
    seen: HashSet<String>,
    user: Option<u32>,
    fetch: Option<BoxFuture<Result<Page<T>, SeamError>>>,
    read: fn(&ApiResponse, &str) -> Result<Page<T>, SeamError>,
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

// No field is pinned by its place.
impl<T> Unpin for Pages<T> {}

impl<T: 'static> Pages<T> {
    pub(crate) fn new(request: RequestParts) -> Self
    where
        T: Wire,
    {
        Self {
            request: Some(request),
            items: VecDeque::new(),
            seen: HashSet::new(),
            user: None,
            fetch: None,
            read: read_page,
        }
    }

    /// Begins the fetch of the next page; `None` after the last one.
    fn next_fetch(&mut self) -> Option<BoxFuture<Result<Page<T>, SeamError>>> {
        let request = self.request.clone()?;
        let session = &request.seam.0.session;
        let user = *self.user.get_or_insert_with(|| session.user_generation());
        Some(request.send_as(Some(user), self.read))
    }

    fn add(&mut self, page: Page<T>) -> Result<(), SeamError> {
        self.items.extend(page.items);
        let (Some(cursor), Some(request)) = (page.next_page_cursor, self.request.take()) else {
            self.request = None;
            return Ok(());
        };
        if cursor.is_empty() || self.seen.len() >= MAX_PAGES || !self.seen.insert(cursor.clone()) {
            return Err(no_new_cursor(&request.path));
        }
        self.request = Some(request.with("page_cursor", Some(Value::String(cursor))));
        Ok(())
    }
}

impl<T: 'static> Stream for Pages<T> {
    type Item = Result<T, SeamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            let mut fetch = match self.fetch.take() {
                Some(fetch) => fetch,
                None => match self.next_fetch() {
                    Some(fetch) => fetch,
                    None => return Poll::Ready(None),
                },
            };
            let Poll::Ready(result) = fetch.as_mut().poll(cx) else {
                self.fetch = Some(fetch);
                return Poll::Pending;
            };
            if let Err(error) = result.and_then(|page| self.add(page)) {
                self.request = None;
                self.items.clear();
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}
