//! What a person sees: hosted pages and mails. Facts in, text out.
//!
//! A page or mail is a typed context (`login::LoginPage`, `mail::VerifyAddress`, ...) with a template of the same name below
//! `templates/`; words come from the message catalogue below `locales/`. `Renderer` joins the three. This floor reads no request,
//! no clock and no storage.

pub mod accents;
pub mod account;
pub mod admin;
pub mod api_docs;
pub mod approval;
pub mod assets;
pub mod catalogue;
pub mod consent;
pub mod countries;
pub mod enrolment;
pub mod errors;
pub mod factors;
pub mod form_post;
pub mod frame;
pub mod freeze;
pub mod keys;
pub mod locale;
pub mod login;
pub mod logout;
pub mod mail;
pub mod message;
pub mod passkeys;
pub mod password;
pub mod phone;
pub mod recovery;
pub mod register;
pub mod renderer;
pub mod review;
pub mod security;
pub mod sms;
mod template_words;
pub mod terms;
pub mod trust_framework;
pub mod unavailable;
mod untrusted;
pub mod verification;

pub use frame::{AppBadge, Frame, HoldNotice};
pub use locale::Locale;
pub use message::{FieldError, FieldErrors, Message, MessageValue};
pub use renderer::{Page, RenderError, Renderer, RendererSettings, Support};
