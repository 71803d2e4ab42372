//! What holds for every mail.

use karat::pages::Locale;

use crate::html::Document;
use crate::samples;

#[test]
fn every_mail_has_a_subject_of_one_line_and_says_who_writes() {
    for sample in samples::mails() {
        let name = format!("{} ({:?})", sample.name, sample.locale);
        let mail = sample.mail;
        assert!(!mail.subject.is_empty() && !mail.subject.contains(['\n', '\r']), "{name}: {:?}", mail.subject);
        assert!(mail.subject.chars().count() <= 70, "{name}: the subject is long");
        for part in [&mail.subject, &mail.text, &mail.html] {
            assert!(part.contains("Karat"), "{name}");
            for leftover in ["{{", "{%", "\u{E000}", "undefined"] {
                assert!(!part.contains(leftover), "{name} holds {leftover:?}");
            }
        }
    }
}

#[test]
fn text_mails_are_plain_and_narrow() {
    for sample in samples::mails() {
        let name = format!("{} ({:?})", sample.name, sample.locale);
        for line in sample.mail.text.lines() {
            assert!(line.chars().count() <= 72 || line.starts_with("https://"), "{name}: {line}");
        }
        for markup in ["<", "&amp;", "&#", "\n\n\n"] {
            assert!(!sample.mail.text.contains(markup), "{name} holds {markup:?}");
        }
    }
}

#[test]
fn html_mails_are_well_formed_and_load_nothing() {
    for sample in samples::mails() {
        let name = format!("{} ({:?})", sample.name, sample.locale);
        let document = Document::read(&name, &sample.mail.html);
        let html = document.all("html").next().expect("html");
        assert_eq!(html.attr("lang"), Some(sample.locale.tag()), "{name}");
        for element in &document.elements {
            assert!(
                !["img", "link", "script", "style", "form"].contains(&element.tag.as_str()),
                "{name}: <{}>",
                element.tag
            );
            let remote = element.attributes.iter().any(|(key, value)| key != "href" && value.contains("://"));
            assert!(!remote && !element.attr("style").unwrap_or_default().contains("url("), "{name}");
        }
        assert!(
            document
                .all("a")
                .all(|link| link.attr("href").is_some_and(|url| url.starts_with("https://id.karat.example/")))
        );
    }
}

#[test]
fn text_and_html_carry_the_same_links_and_code() {
    for sample in samples::mails() {
        let name = format!("{} ({:?})", sample.name, sample.locale);
        let document = Document::read(&name, &sample.mail.html);
        let mut in_html: Vec<_> = document.all("a").filter_map(|link| link.attr("href")).collect();
        let mut in_text: Vec<_> = sample.mail.text.lines().filter(|line| line.starts_with("https://")).collect();
        for links in [&mut in_html, &mut in_text] {
            links.sort_unstable();
            links.dedup();
        }
        assert_eq!(in_text, in_html, "{name}");
        assert_eq!(sample.mail.text.contains("\n493027\n"), sample.mail.html.contains(">493027<"), "{name}");
    }
}

#[test]
fn a_mail_speaks_the_language_of_its_reader() {
    let subject = |locale| {
        let mail =
            samples::mails().into_iter().find(|sample| sample.name == "verify-address" && sample.locale == locale);
        mail.expect("mail").mail.subject
    };
    assert_eq!(subject(Locale::En), "Confirm your address for Karat");
    assert_eq!(subject(Locale::Es), "Confirma tu dirección para Karat");
}

#[test]
fn a_notice_says_when_and_from_where() {
    for sample in samples::mails() {
        let facts: &[&str] = match (sample.name, sample.locale) {
            ("password-changed", Locale::En) => &["22 November 2026, 13:47 UTC", "Chrome on Android", "Madrid, Spain"],
            ("password-changed", Locale::Es) => {
                &["22 de noviembre de 2026, 13:47 UTC", "Chrome on Android", "Madrid, Spain"]
            }
            ("new-device", Locale::En) => &["22 November 2026, 13:47 UTC", "Madrid, Spain"],
            ("address-changing" | "address-changed", Locale::En) => {
                &["22 November 2026, 13:47 UTC", "a•••@new.example"]
            }
            _ => &[],
        };
        for fact in facts {
            assert!(sample.mail.text.contains(fact) && sample.mail.html.contains(fact), "{}: {fact}", sample.name);
        }
    }
}
