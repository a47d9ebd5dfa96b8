//! The core in plain Rust, without a browser or a network. This host executes its commands against a
//! script instead of Seam, and reads the responses as typed resources.
//!
//! ```sh
//! cargo run --example host --features resources
//! ```

use std::collections::VecDeque;
use std::error::Error;

use seam_session::resources::{ActionAttempt, Device, Value};
use seam_session::{
    Call, CallOptions, Client, ClientOptions, Command, CredentialKind, Event, HttpRequest,
    HttpResponse, Moment, PollOptions,
};

const DEVICE: &str = r#"{
    "device_id": "d-1", "device_type": "august_lock", "display_name": "Front Door",
    "capabilities_supported": ["lock"], "can_remotely_unlock": true, "is_managed": true,
    "properties": { "online": true, "name": "Front Door", "locked": true, "battery_level": 0.87,
        "appearance": { "name": "Front Door" }, "model": { "display_name": "Smart Lock",
        "manufacturer_display_name": "August" } },
    "connected_account_id": "a-1", "workspace_id": "w-1", "space_ids": [], "custom_metadata": {},
    "created_at": "2026-01-01T00:00:00.000Z", "errors": [], "warnings": [],
    "added_tomorrow": ["kept"]
}"#;

const PENDING: &str = r#"{"action_attempt": { "action_attempt_id": "t-1", "result": null,
    "action_type": "UNLOCK_DOOR", "status": "pending", "error": null }, "ok": true}"#;

const SUCCESS: &str = r#"{"action_attempt": { "action_attempt_id": "t-1", "error": null,
    "action_type": "UNLOCK_DOOR", "status": "success",
    "result": { "was_confirmed_by_device": true } }, "ok": true}"#;

/// The responses of the script, in this order, and the clock.
struct World {
    responses: VecDeque<(u16, String)>,
    now: u64,
}

impl World {
    /// Plays `call` to its end and returns the member `key` of the response.
    fn play(&mut self, mut call: Call, key: &str) -> Result<Value, Box<dyn Error>> {
        let mut event = Event::Start;
        loop {
            // A real host passes random jitter, from 0 to 1000.
            event = match call.step(event, self.now(), 500) {
                Command::Send { request, .. } => Event::Response(self.send(&request)?),
                Command::Wait(ms) => {
                    println!("   wait {ms} ms");
                    self.now += ms;
                    Event::Waited
                }
                Command::Done(response) => {
                    let mut body: Value = serde_json::from_slice(&response.body)?;
                    return Ok(body.get_mut(key).map(Value::take).unwrap_or_default());
                }
                Command::Fail(failed) => return Err(failed),
                Command::Ignore => return Err("the call waits for another event".into()),
            };
        }
    }

    /// Returns both clocks. A real host reads a monotonic one and the wall clock.
    fn now(&self) -> Moment {
        Moment {
            monotonic: self.now,
            wall: 1_795_000_000_000 + self.now,
        }
    }

    /// Stands for an HTTP request. Its headers hold the token and are not printed.
    fn send(&mut self, request: &HttpRequest) -> Result<HttpResponse, &'static str> {
        let (status, body) = self.responses.pop_front().ok_or("the script is over")?;
        println!("   {} {} -> {status}", request.method, request.url);
        Ok(HttpResponse {
            status,
            body: body.into_bytes(),
            ..HttpResponse::default()
        })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let token = "seam_cst1example_token".to_owned();
    let options = ClientOptions::new(CredentialKind::ClientSessionToken, token);
    let client = Client::new(options)?;
    let mut world = World {
        responses: VecDeque::from([
            (503, String::new()),
            (200, format!(r#"{{"devices": [{DEVICE}], "ok": true}}"#)),
            (200, PENDING.to_owned()),
            (200, PENDING.to_owned()),
            (200, SUCCESS.to_owned()),
        ]),
        now: 0,
    };
    let options = |now| {
        let mut options = CallOptions::default();
        options.polling = Some(PollOptions::default());
        options.called_at = Some(now);
        options
    };

    println!("devices.list, which may be sent again:");
    let call = client.call("/devices/list", None, options(world.now()))?;
    let devices: Vec<Device> = serde_json::from_value(world.play(call, "devices")?)?;
    for device in &devices {
        println!(
            "   {} ({}), online: {}, not in the schema: {:?}",
            device.display_name,
            device.device_type,
            device.properties.online,
            device.other.keys().collect::<Vec<_>>(),
        );
    }

    println!("locks.unlock_door, which waits for the action attempt:");
    let device = devices.first().ok_or("no device")?;
    let params = serde_json::json!({ "device_id": device.device_id }).to_string();
    let call = client.call("/locks/unlock_door", Some(&params), options(world.now()))?;
    match serde_json::from_value(world.play(call, "action_attempt")?)? {
        ActionAttempt::UnlockDoorSuccess(done) => println!(
            "   unlocked, confirmed by the device: {:?}",
            done.result.was_confirmed_by_device,
        ),
        other => println!("   {:?}", other.status()),
    }
    Ok(())
}
