//! Messages to a person as data: a key of the catalogue and its arguments. Flow says what is wrong; the catalogue finds the words.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// One sentence to a person, not yet in any language. `key` is one of `pages::keys`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub key: &'static str,
    pub args: Vec<(&'static str, MessageValue)>,
}

/// An argument of a message. Numbers choose plural forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MessageValue {
    Text(String),
    Number(i64),
}

/// What is wrong with one field of a form. `field` is the `name` of the input, or `FieldError::FORM` for the form as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub field: &'static str,
    pub message: Message,
}

/// Every error of a form, in the order of its fields. Empty when the form is shown for the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FieldErrors(pub Vec<FieldError>);

impl Message {
    pub fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<MessageValue>) -> Self {
        self.args.push((name, value.into()));
        self
    }
}

impl FieldError {
    /// Names the form as a whole, as for a wrong e-mail address *or* password.
    pub const FORM: &'static str = "form";

    pub fn on(field: &'static str, message: Message) -> Self {
        Self { field, message }
    }

    pub fn whole_form(message: Message) -> Self {
        Self { field: Self::FORM, message }
    }
}

impl FieldErrors {
    pub fn none() -> Self {
        Self::default()
    }

    pub fn push(&mut self, field: &'static str, message: Message) {
        self.0.push(FieldError::on(field, message));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self(vec![error])
    }
}

impl From<Vec<FieldError>> for FieldErrors {
    fn from(errors: Vec<FieldError>) -> Self {
        Self(errors)
    }
}

impl From<&str> for MessageValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for MessageValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for MessageValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for MessageValue {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

/// `{"key": ..., "args": {name: value}}`, the shape the template function `say` takes.
impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Args<'a>(&'a [(&'static str, MessageValue)]);
        impl Serialize for Args<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
            }
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("key", self.key)?;
        map.serialize_entry("args", &Args(&self.args))?;
        map.end()
    }
}
