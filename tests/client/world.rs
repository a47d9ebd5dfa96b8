//! A transport without a network or real time: a script answers requests, and a timer fires when
//! nothing else can happen.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use seam_session::Moment;
use seam_session::client::{BoxFuture, SeamBuilder, Transport, TransportFailure};
use seam_session::{Seam, SeamError};

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Responds with this status and body, after so many milliseconds.
    After(u64, u16, String),
    /// As [`Reply::After`], with a header.
    WithHeader(u16, &'static str, &'static str, String),
    /// Ends the connection without a response.
    Drops,
    /// Never responds.
    Hangs,
}

pub(crate) fn ok(body: &str) -> Reply {
    Reply::After(5, 200, body.to_owned())
}

pub(crate) fn status(status: u16, body: &str) -> Reply {
    Reply::After(5, status, body.to_owned())
}

/// A request as the server has received it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) at: u64,
    pub(crate) path: String,
    pub(crate) token: String,
    pub(crate) body: String,
}

type Script = Box<dyn FnMut(&Received) -> Reply + Send>;

struct State {
    now: u64,
    timers: BTreeMap<(u64, u64), Waker>,
    timer_count: u64,
    script: Script,
    received: Vec<Received>,
    /// Requests whose future was dropped before its response.
    cancelled: usize,
    tasks: Vec<BoxFuture<()>>,
}

/// The server, the clock and the executor. Clones are the same world.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<State>>);

impl World {
    pub(crate) fn new(script: impl FnMut(&Received) -> Reply + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(State {
            now: 0,
            timers: BTreeMap::new(),
            timer_count: 0,
            script: Box::new(script),
            received: Vec::new(),
            cancelled: 0,
            tasks: Vec::new(),
        })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// A client of this world.
    pub(crate) fn client(&self, builder: SeamBuilder) -> Result<Seam, SeamError> {
        builder.build_with(self.clone())
    }

    /// A client of this world with a fixed token.
    pub(crate) fn app(&self) -> Seam {
        let builder = Seam::builder().client_session_token("seam_cst1fixed_token");
        self.client(builder).unwrap()
    }

    /// The requests so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// The paths of the requests so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        let received = self.received();
        received.into_iter().map(|request| request.path).collect()
    }

    pub(crate) fn cancelled(&self) -> usize {
        self.lock().cancelled
    }

    /// The milliseconds since the start.
    pub(crate) fn now(&self) -> u64 {
        self.lock().now
    }

    /// The tasks in the background that have not ended.
    pub(crate) fn tasks(&self) -> usize {
        self.lock().tasks.len()
    }

    /// The timers that have neither fired nor been dropped.
    pub(crate) fn timers(&self) -> usize {
        self.lock().timers.len()
    }

    /// Polls `future` and the tasks until nothing can happen without time passing.
    fn settle<T>(&self, mut future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        while woken.0.swap(false, Ordering::SeqCst) {
            if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
                return Some(result);
            }
            let mut tasks = std::mem::take(&mut self.lock().tasks);
            tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
            let mut state = self.lock();
            if !state.tasks.is_empty() {
                woken.0.store(true, Ordering::SeqCst);
            }
            tasks.append(&mut state.tasks);
            state.tasks = tasks;
        }
        None
    }

    /// Moves the clock to the next timer. Returns whether there is one, up to this time.
    fn advance(&self, until: u64) -> bool {
        let mut state = self.lock();
        let Some((&(at, number), _)) = state.timers.first_key_value() else {
            state.now = state.now.max(until.min(u64::MAX / 2));
            return false;
        };
        if at > until {
            state.now = state.now.max(until);
            return false;
        }
        state.now = state.now.max(at);
        let waker = state.timers.remove(&(at, number));
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Runs `future` to its end.
    pub(crate) fn run<T>(&self, future: impl IntoFuture<Output = T>) -> T {
        let mut future = Box::pin(future.into_future());
        loop {
            if let Some(result) = self.settle(future.as_mut()) {
                return result;
            }
            assert!(self.advance(u64::MAX / 2), "nothing can happen any more");
        }
    }

    /// Runs `future` for so many milliseconds, then drops it. Returns its result if it has ended.
    pub(crate) fn run_for<T>(&self, ms: u64, future: impl IntoFuture<Output = T>) -> Option<T> {
        let until = self.now() + ms;
        let mut future = Box::pin(future.into_future());
        loop {
            if let Some(result) = self.settle(future.as_mut()) {
                return Some(result);
            }
            if !self.advance(until) {
                return self.settle(future.as_mut());
            }
        }
    }

    /// Lets so many milliseconds pass.
    pub(crate) fn pass(&self, ms: u64) {
        self.run_for(ms, std::future::pending::<()>());
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A future that is ready at a time of the world.
struct Timer {
    world: World,
    at: u64,
    number: u64,
}

impl Timer {
    fn new(world: &World, ms: u64) -> Self {
        let mut state = world.lock();
        state.timer_count += 1;
        Self {
            world: world.clone(),
            at: state.now.saturating_add(ms),
            number: state.timer_count,
        }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.world.lock();
        if state.now >= self.at {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        state.timers.insert((self.at, self.number), waker);
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.world.lock().timers.remove(&(self.at, self.number));
    }
}

/// Counts a request as cancelled if it is dropped before its response.
struct InFlight {
    world: World,
    is_done: bool,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.is_done {
            self.world.lock().cancelled += 1;
        }
    }
}

impl Transport for World {
    fn send(
        &self,
        request: http::Request<String>,
    ) -> BoxFuture<Result<http::Response<Vec<u8>>, TransportFailure>> {
        let world = self.clone();
        Box::pin(async move {
            let header = |name| request.headers().get(name)?.to_str().ok();
            let received = Received {
                at: world.now(),
                path: request.uri().path().to_owned(),
                token: header("authorization")
                    .unwrap_or_default()
                    .replace("Bearer ", ""),
                body: request.body().clone(),
            };
            let reply = {
                let mut state = world.lock();
                state.received.push(received.clone());
                (state.script)(&received)
            };
            let mut in_flight = InFlight {
                world: world.clone(),
                is_done: false,
            };
            let mut response = http::Response::builder();
            let body = match reply {
                Reply::After(ms, status, body) => {
                    Timer::new(&world, ms).await;
                    response = response.status(status);
                    body
                }
                Reply::WithHeader(status, name, value, body) => {
                    Timer::new(&world, 5).await;
                    response = response.status(status).header(name, value);
                    body
                }
                Reply::Drops => {
                    Timer::new(&world, 5).await;
                    in_flight.is_done = true;
                    return Err(TransportFailure::new("the connection was reset"));
                }
                Reply::Hangs => std::future::pending().await,
            };
            in_flight.is_done = true;
            Ok(response.body(body.into_bytes()).unwrap())
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Box::pin(Timer::new(self, ms))
    }

    fn spawn(&self, task: BoxFuture<()>) {
        self.lock().tasks.push(task);
    }

    fn now(&self) -> Moment {
        let now = Duration::from_millis(self.lock().now);
        Moment::new(now, now + Duration::from_millis(START))
    }

    fn jitter(&self) -> u32 {
        0
    }
}

/// The wall time at the start, in milliseconds since 1970: 2026-12-01T00:00:00Z.
pub(crate) const START: u64 = 1_796_083_200_000;
