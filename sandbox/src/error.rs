//! The errors that the sandbox responds with.

use serde_json::{Value, json};

/// An error response: `{"error": {"type", "message", "request_id", ...}, "ok": false}` with a
/// status.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    kind: &'static str,
    message: String,
    validation_errors: Option<Value>,
    retry_after: Option<u64>,
    is_out_of_scope: bool,
}

impl ApiError {
    pub(crate) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: message.into(),
            validation_errors: None,
            retry_after: None,
            is_out_of_scope: false,
        }
    }

    /// 401 `unauthorized`: the credential is not valid for this route.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "unauthorized", message)
    }

    /// 400 `invalid_input` that is not about a single parameter. The message is also at the root of
    /// the validation errors.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        let message = message.into();
        let tree = json!({ "_errors": [message] });
        Self::new(400, "invalid_input", message).with_validation_errors(tree)
    }

    /// 400 `invalid_input`: a required parameter is missing.
    pub(crate) fn required(name: &str) -> Self {
        Self::invalid(format!("{name} is required"))
            .with_validation_errors(json!({ "_errors": [], name: { "_errors": ["Required"] } }))
    }

    /// 400 `invalid_input` about one parameter.
    pub(crate) fn invalid_parameter(name: &str, message: &str) -> Self {
        Self::invalid(format!("{message} for \"{name}\""))
            .with_validation_errors(json!({ "_errors": [], name: { "_errors": [message] } }))
    }

    /// 501: Seam has this, but the sandbox does not simulate it.
    pub(crate) fn not_simulated(what: &str) -> Self {
        Self::new(
            501,
            "not_simulated",
            format!("The sandbox does not simulate {what}"),
        )
    }

    pub(crate) fn with_validation_errors(mut self, tree: Value) -> Self {
        self.validation_errors = Some(tree);
        self
    }

    /// Adds a `Retry-After` header, in seconds.
    pub(crate) fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// Marks the error as one about a record that exists outside of the caller's scope. Only the
    /// coverage counts use the mark; the response does not show it.
    pub(crate) fn out_of_scope(mut self) -> Self {
        self.is_out_of_scope = true;
        self
    }

    pub(crate) fn is_out_of_scope(&self) -> bool {
        self.is_out_of_scope
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn body(&self, request_id: &str) -> String {
        let mut error = json!({
            "type": self.kind,
            "message": self.message,
            "request_id": request_id,
        });
        if let (Some(tree), Some(members)) = (&self.validation_errors, error.as_object_mut()) {
            members.insert("validation_errors".to_owned(), tree.clone());
        }
        json!({ "error": error, "ok": false }).to_string()
    }
}
