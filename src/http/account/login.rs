//! `/login`: e-mail address and password, or a passkey. Within an interaction it returns to the dispatcher, else to the account.

use axum::http::HeaderMap;
use axum::response::Response;

use super::notice::Notice;
use super::{PageQuery, place, place_for};
use crate::crypto::token::Secret;
use crate::domain::time::Timestamp;
use crate::flow::authenticators::Verified;
use crate::flow::authenticators::passkeys::{AskedIn, NotTaken};
use crate::flow::authorize::Interaction;
use crate::flow::login::{LoginOutcome, NewSession, Towards};
use crate::flow::throttle::TooMany;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::metrics;
use crate::http::visit::Visit;
use crate::pages::freeze::StillFrozenPage;
use crate::pages::login::{LoginAs, LoginPage};
use crate::pages::passkeys::PasskeyQuestion;
use crate::pages::{FieldError, FieldErrors, Frame, Message, keys};

pub async fn get(headers: HeaderMap, mut visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = match query.text("interaction") {
        Some(id) => Some(visit.interaction(id).await?),
        None if visit.signed_in.is_some() => return Ok(visit.see_other(place_for(query.text("next")))),
        None => None,
    };
    let notice = Notice::take(&headers, &mut visit);
    let asked = Asked { interaction, next: query.text("next").map(str::to_owned) };
    show(visit, &asked, Shown { notice, ..Shown::default() }).await
}

pub async fn post(form: PageForm) -> Result<Response, PageError> {
    let email = form.text("email").to_owned();
    let password = Secret::new(form.text("password"));
    let asked = Asked::of(&form).await?;
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    let towards = Towards {
        interaction: asked.interaction.as_ref().map(|interaction| interaction.id.clone()),
        room: place(asked.next.as_deref()).map(|(slug, _)| slug.to_owned()),
    };
    let outcome = karat.log_in(&email, &password, &visit.browser, visit.signed_in.as_ref(), &towards).await?;
    metrics::log_in("password", &outcome);
    let errors = match outcome {
        LoginOutcome::SignedIn(begun) => {
            return logged_in(visit, *begun, asked.interaction.as_ref(), asked.next.as_deref()).await;
        }
        LoginOutcome::Pending => {
            let path = match &asked.interaction {
                Some(interaction) => format!("/authorize/{}", interaction.id),
                None => "/mfa".to_owned(),
            };
            return Ok(visit.see_other(&path));
        }
        LoginOutcome::AwaitsApproval => return Ok(visit.see_other("/login/approval")),
        LoginOutcome::Locked => return Err(PageError::Refused),
        LoginOutcome::Frozen { since } => return still_frozen(visit, since),
        LoginOutcome::Wrong => FieldErrors::from(FieldError::whole_form(Message::new(keys::CREDENTIALS_WRONG))),
        LoginOutcome::TooMany(wait) => FieldErrors::from(FieldError::whole_form(throttled(wait))),
    };
    show(visit, &asked, Shown { email: Some(email), errors, notice: None }).await
}

async fn by_passkey(visit: &Visit, verified: &Verified) -> Result<LoginOutcome, PageError> {
    let outcome = visit.web.karat.log_in_by(verified, &visit.browser, visit.signed_in.as_ref()).await?;
    metrics::log_in("passkey", &outcome);
    Ok(outcome)
}

/// With a passkey alone.
pub async fn post_passkey(form: PageForm) -> Result<Response, PageError> {
    let (ticket, answer) = (form.text("ticket").to_owned(), form.text("credential").to_owned());
    let asked = Asked::of(&form).await?;
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.verify_passkey(&asked.by_passkey(&visit), (&ticket, &answer), &visit.browser).await? {
        Ok(verified) => match by_passkey(&visit, &verified).await? {
            LoginOutcome::SignedIn(begun) => {
                logged_in(visit, *begun, asked.interaction.as_ref(), asked.next.as_deref()).await
            }
            // Whoever holds the passkey may know that the account is locked or frozen.
            LoginOutcome::Locked => Err(PageError::Refused),
            LoginOutcome::Frozen { since } => still_frozen(visit, since),
            _ => show(visit, &asked, Shown { errors: not_taken(NotTaken::NotRecognised), ..Shown::default() }).await,
        },
        Err(reason) => show(visit, &asked, Shown { errors: not_taken(reason), ..Shown::default() }).await,
    }
}

fn still_frozen(visit: Visit, since: Timestamp) -> Result<Response, PageError> {
    let frame = visit.frame();
    visit.page(&StillFrozenPage { since }, &frame)
}

/// What is told beside the button.
pub(super) fn not_taken(reason: NotTaken) -> FieldErrors {
    let key = match reason {
        NotTaken::TooLate => keys::PASSKEY_TOO_LATE,
        NotTaken::NotRecognised => keys::PASSKEY_NOT_RECOGNISED,
        NotTaken::Copied => keys::PASSKEY_COPIED,
    };
    FieldError::on("passkey", Message::new(key)).into()
}

/// Who sent the person here: an app, or a page of the account.
struct Asked {
    interaction: Option<Interaction>,
    next: Option<String>,
}

impl Asked {
    async fn of(form: &PageForm) -> Result<Self, PageError> {
        let interaction = match form.fields.get("interaction") {
            Some(id) => Some(form.visit.interaction(id).await?),
            None => None,
        };
        Ok(Self { interaction, next: form.fields.get("next").map(str::to_owned) })
    }

    fn by_passkey(&self, visit: &Visit) -> AskedIn {
        let interaction = self.interaction.as_ref().map(|interaction| interaction.id.as_str());
        let browser = visit.browser_hash();
        AskedIn::new(&browser, &["login", browser.as_str(), interaction.unwrap_or_default()], &[])
    }
}

/// Takes over the session and leads on: back to the app's dispatcher, or to the room of the account.
pub(in crate::http) async fn logged_in(
    mut visit: Visit,
    begun: NewSession,
    interaction: Option<&Interaction>,
    room: Option<&str>,
) -> Result<Response, PageError> {
    let karat = visit.web.karat.clone();
    let user = begun.signed_in.user.id;
    visit.sign_in(begun.signed_in, &begun.token, begun.device.as_ref());
    let path = match interaction {
        Some(interaction) => {
            karat.note_login(interaction, user).await?;
            format!("/authorize/{}", interaction.id)
        }
        None if karat.has_accepted_terms(user).await? => place_for(room).to_owned(),
        None => match place(room) {
            Some((slug, _)) => format!("/terms/accept?next={slug}"),
            None => "/terms/accept".to_owned(),
        },
    };
    Ok(visit.see_other(&path))
}

pub fn throttled(wait: TooMany) -> Message {
    Message::new(keys::THROTTLED).with("minutes", (wait.retry_after.0 + 59) / 60)
}

/// What the page says beyond its fields.
#[derive(Default)]
struct Shown {
    /// As typed before.
    email: Option<String>,
    errors: FieldErrors,
    notice: Option<Message>,
}

async fn show(mut visit: Visit, asked: &Asked, shown: Shown) -> Result<Response, PageError> {
    let karat = visit.web.karat.clone();
    let challenge = karat.begin_passkey_login(&asked.by_passkey(&visit), visit.browser.address).await?;
    let passkey = challenge.map(PasskeyQuestion::from);
    let (notice, errors) = (shown.notice, shown.errors);
    let Some(interaction) = &asked.interaction else {
        let next = place(asked.next.as_deref()).map(|(slug, _)| slug);
        let email = shown.email.unwrap_or_default();
        let page = LoginPage { email, who: LoginAs::Anyone, next, passkey, errors };
        let frame = Frame { notice, ..visit.frame() };
        return visit.page(&page, &frame);
    };
    let (email, who) = expected(&visit, interaction);
    let page = LoginPage { email: shown.email.unwrap_or(email), who, next: None, passkey, errors };
    let frame = Frame { notice, ..visit.frame_within(interaction).await? };
    visit.page_with_target(&page, &frame, Some(&interaction.request.reply.redirect_uri))
}

/// Whose address stands in the field, and why the person is asked. Somebody signed in who comes here was sent by the
/// dispatcher to log in again.
fn expected(visit: &Visit, interaction: &Interaction) -> (String, LoginAs) {
    match &visit.signed_in {
        Some(signed_in) if interaction.request.expected_user.is_none_or(|expected| expected == signed_in.user.id) => {
            (signed_in.user.email.to_string(), LoginAs::AgainForApp)
        }
        _ => (interaction.request.login_hint.clone().unwrap_or_default(), LoginAs::Anyone),
    }
}
