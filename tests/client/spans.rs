//! What the client's `tracing` spans and events show.

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use seam_session::resources::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

use super::world::{World, ok, status};

/// Writes all that is recorded.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<String>>);

impl Visit for Recorder {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = self.0.lock().unwrap();
        write!(text, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn spans_show_the_path_and_the_status_and_neither_token_nor_parameters_nor_response() {
    const SECRETS: [&str; 4] = ["fixed_token", "4711", "0815", "front door"];
    let recorder = Recorder::default();
    // While there is only one subscriber, tracing takes the thread that first reaches a span for all
    // threads, and those of the other tests have no subscriber.
    let _second = Dispatch::new(Recorder::default());
    tracing::subscriber::with_default(recorder.clone(), || {
        let replies = [
            ok(r#"{"ok":true,"access_code":{"code":"0815"}}"#),
            status(503, "seam_cst1fixed_token"),
            status(
                400,
                r#"{"error":{"type":"invalid_input","message":"0815 seam_cst1fixed_token"}}"#,
            ),
        ];
        for reply in replies {
            let world = World::new(move |_| reply.clone());
            let params = [("code", "4711"), ("name", "front door")];
            let params = params.map(|(name, value)| (name.to_owned(), Value::from(value)));
            let request = world
                .app()
                .request("/access_codes/create", params.into_iter().collect());
            let _ = world.run(request);
            let _ = world.run(world.app().devices().list().search("front door"));
        }
    });
    let shown = recorder.0.lock().unwrap().clone();
    for expected in ["path=/access_codes/create", "status=503", "invalid_input"] {
        assert!(shown.contains(expected), "{shown}");
    }
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
