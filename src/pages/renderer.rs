//! Joins typed context, template and catalogue into HTML or mail.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context, escape_formatter};
use rust_embed::Embed;
use serde::Serialize;

use super::catalogue::{Catalogue, CatalogueError};
use super::mail::{Mail, MailFrame, Rendered, wrapped};
use super::sms::{self, SmsText};
use super::{Frame, Locale, template_words, untrusted};

#[derive(Embed)]
#[folder = "templates/"]
struct Templates;

/// A page: the facts it shows. `TEMPLATE` is the file below `templates/`.
pub trait Page: Serialize {
    const TEMPLATE: &'static str;
    /// Whether it comes with a script of ours: only then may scripts run on it.
    fn is_scripted(&self) -> bool {
        false
    }
}

#[derive(Clone, Debug)]
pub struct RendererSettings {
    /// An operator's own templates, looked up file by file before the built-in ones.
    pub templates_dir: Option<PathBuf>,
    /// What the product calls itself on pages and in mails.
    pub brand_name: String,
    /// Whether people may make their own account: else no page offers it.
    pub registration: bool,
    /// Whether people can be verified: else no page leads there.
    pub verification: bool,
    pub support: Support,
}

/// Where people find help, shown on the error pages where only the operator can help.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Support {
    pub url: Option<String>,
    pub email: Option<String>,
}

impl Default for RendererSettings {
    fn default() -> Self {
        Self {
            templates_dir: None,
            brand_name: "Karat".to_owned(),
            registration: true,
            verification: true,
            support: Support::default(),
        }
    }
}

/// Renders every page and mail in every language. Built once; immutable and shared afterwards.
pub struct Renderer {
    speakers: Vec<Speaker>,
    brand_name: String,
}

/// Templates and words of one language.
struct Speaker {
    locale: Locale,
    environment: Environment<'static>,
}

#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    #[error("template: {0:#}")]
    Template(#[from] minijinja::Error),
    #[error("cannot read the template {path}: {cause}")]
    Override { path: PathBuf, cause: std::io::Error },
    #[error("a text is too long for a QR code")]
    Picture,
    #[error("no templates for locale {0}")]
    Locale(&'static str),
}

impl Renderer {
    /// Loads every message, and parses the operator's own templates, so that a broken one stops the start and not a log-in. The
    /// built-in ones are parsed when they are needed: most installations never show most of them.
    pub fn new(settings: RendererSettings) -> Result<Self, RenderError> {
        let own = Arc::new(own_templates(settings.templates_dir.as_deref())?);
        let mut speakers = Vec::new();
        for locale in Locale::ALL {
            speakers.push(Speaker { locale, environment: environment(locale, &settings, &own)? });
        }
        Ok(Self { speakers, brand_name: settings.brand_name })
    }

    /// The HTML of a page. Fails only on a template that does not fit its context.
    pub fn render<P: Page>(&self, page: &P, frame: &Frame) -> Result<String, RenderError> {
        let template = self.speaker(frame.locale)?.environment.get_template(P::TEMPLATE)?;
        Ok(template.render(context! { page => Value::from(Serde(page)), frame => Value::from(Serde(frame)) })?)
    }

    /// Subject, text and HTML of a mail to somebody whom Karat does not know yet.
    pub fn mail<M: Mail>(&self, mail: &M, locale: Locale) -> Result<Rendered, RenderError> {
        self.mail_within(mail, locale, &MailFrame::default())
    }

    pub fn mail_within<M: Mail>(&self, mail: &M, locale: Locale, frame: &MailFrame) -> Result<Rendered, RenderError> {
        let environment = &self.speaker(locale)?.environment;
        let context = context! { mail => Value::from(Serde(mail)), frame => Value::from(Serde(frame)) };
        let part = |extension: &str| -> Result<String, RenderError> {
            let template = environment.get_template(&format!("mails/{}.{extension}", M::NAME))?;
            Ok(template.render(context.clone())?)
        };
        Ok(Rendered {
            subject: part("subject.txt")?.trim().to_owned(),
            text: wrapped(&part("txt")?),
            html: part("html")?,
        })
    }

    /// The text of a message, in one segment: where it would be too long, the name of the house is cut.
    pub fn sms(&self, text: SmsText<'_>, locale: Locale) -> Result<String, RenderError> {
        let template = self.speaker(locale)?.environment.get_template("sms/text.txt")?;
        let last_line = text.last_line();
        let words = |brand: &str| -> Result<String, minijinja::Error> {
            let sms = sms::Context { purpose: text.purpose, code: text.code, brand };
            let words = template.render(context! { sms => Value::from(Serde(&sms)) })?;
            Ok(words.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        let taken = words("")?.chars().count() + last_line.chars().count();
        let brand = sms::brand(&self.brand_name, sms::LONGEST.saturating_sub(taken), text.host);
        Ok(format!("{}{last_line}", words(&brand)?))
    }

    pub fn brand_name(&self) -> &str {
        &self.brand_name
    }

    fn speaker(&self, locale: Locale) -> Result<&Speaker, RenderError> {
        self.speakers.iter().find(|speaker| speaker.locale == locale).ok_or(RenderError::Locale(locale.tag()))
    }
}

/// By name.
type OwnTemplates = HashMap<String, String>;

fn environment(
    locale: Locale,
    settings: &RendererSettings,
    own: &Arc<OwnTemplates>,
) -> Result<Environment<'static>, RenderError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_formatter(|out, state, value| match value.as_str() {
        // Whatever is printed is bounded and free of direction marks; the filter `exact` makes the exceptions.
        Some(text) if !value.is_safe() => {
            let text = untrusted::bounded(text, untrusted::LONGEST_TEXT);
            let html = matches!(state.auto_escape(), AutoEscape::Html);
            out.write_str(&if html { untrusted::escaped(&text) } else { text }).map_err(minijinja::Error::from)
        }
        _ => escape_formatter(out, state, value),
    });
    template_words::teach(&mut environment, locale, Catalogue::load(locale)?);
    environment.add_global("brand", settings.brand_name.clone());
    environment.add_global("registration", settings.registration);
    environment.add_global("verification", settings.verification);
    environment.add_global("support", Value::from(Serde(&settings.support)));
    for (name, text) in own.iter() {
        environment.template_from_named_str(name, text)?;
    }
    let own = own.clone();
    environment.set_loader(move |name| Ok(own.get(name).cloned().or_else(|| built_in(name))));
    Ok(environment)
}

fn built_in(name: &str) -> Option<String> {
    String::from_utf8(Templates::get(name)?.data.into_owned()).ok()
}

fn own_templates(folder: Option<&Path>) -> Result<OwnTemplates, RenderError> {
    let Some(folder) = folder else { return Ok(OwnTemplates::new()) };
    let names = Templates::iter().filter(|name| !name.starts_with("demo/"));
    let files = names.map(|name| (folder.join(&*name), name)).filter(|(path, _)| path.is_file());
    files
        .map(|(path, name)| match std::fs::read_to_string(&path) {
            Ok(text) => Ok((name.into_owned(), text)),
            Err(cause) => Err(RenderError::Override { path, cause }),
        })
        .collect()
}
