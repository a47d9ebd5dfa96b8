//! What is answered when a request is refused.

use serde_json::{Value, json};

/// A refusal: `{"error": {"type", "message", ...}, "ok": false}` with a status.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    kind: &'static str,
    message: String,
    validation_errors: Option<Value>,
    retry_after: Option<u64>,
    of_scope: bool,
}

impl ApiError {
    pub(crate) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: message.into(),
            validation_errors: None,
            retry_after: None,
            of_scope: false,
        }
    }

    /// 401 `unauthorized`: the credential does not do here.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "unauthorized", message)
    }

    /// 400 `invalid_input` that is about no one parameter; the tree of validation errors says the
    /// same at its root.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        let message = message.into();
        let tree = json!({ "_errors": [message] });
        Self::new(400, "invalid_input", message).with_validation_errors(tree)
    }

    /// 400 `invalid_input`: this parameter is not there.
    pub(crate) fn required(name: &str) -> Self {
        Self::invalid(format!("{name} is required"))
            .with_validation_errors(json!({ "_errors": [], name: { "_errors": ["Required"] } }))
    }

    /// 400 `invalid_input` about one parameter.
    pub(crate) fn invalid_parameter(name: &str, message: &str) -> Self {
        Self::invalid(format!("{message} for \"{name}\""))
            .with_validation_errors(json!({ "_errors": [], name: { "_errors": [message] } }))
    }

    /// 501: the API has this, the sandbox does not.
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

    /// With a `Retry-After` header, in seconds.
    pub(crate) fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// Marks it as the refusal of something that is there, beyond the caller's scope. The caller
    /// is not told.
    pub(crate) fn out_of_scope(mut self) -> Self {
        self.of_scope = true;
        self
    }

    pub(crate) fn is_of_scope(&self) -> bool {
        self.of_scope
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn body(&self) -> String {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let (Some(tree), Some(members)) = (&self.validation_errors, error.as_object_mut()) {
            members.insert("validation_errors".to_owned(), tree.clone());
        }
        json!({ "error": error, "ok": false }).to_string()
    }
}
