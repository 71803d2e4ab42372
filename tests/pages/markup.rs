//! What holds for every page: well formed, labelled, free of inline style and script, and without leftovers of the template.

use karat::pages::Locale;

use crate::html::Document;
use crate::samples;

#[test]
fn every_page_is_well_formed_and_finished() {
    for sample in samples::pages() {
        let page = format!("{} ({:?})", sample.name, sample.locale);
        let document = Document::read(&page, &sample.html);
        for leftover in ["{{", "}}", "{%", "\u{E000}", "undefined", "none<"] {
            assert!(!sample.html.contains(leftover), "{page} holds {leftover:?}");
        }
        let html = document.all("html").next().expect("html");
        assert_eq!(html.attr("lang"), Some(sample.locale.tag()), "{page}");
        let title = document.all("title").next().unwrap_or_else(|| panic!("{page} has no title"));
        assert!(title.text.trim().len() > " · Karat".len(), "{page}: title {:?}", title.text);
        assert_eq!(document.all("h1").count(), 1, "{page} has one main heading");
        assert!(document.all("h1").all(|heading| !heading.text.trim().is_empty()), "{page}");
        assert_eq!(document.all("main").count(), 1, "{page}");
        assert!(document.all("meta").any(|meta| meta.attr("name") == Some("viewport")), "{page}");
    }
}

#[test]
fn every_input_has_a_label_and_every_reference_leads_somewhere() {
    for sample in samples::pages() {
        let page = format!("{} ({:?})", sample.name, sample.locale);
        let document = Document::read(&page, &sample.html);
        let ids = document.ids(&page);
        for element in &document.elements {
            for attribute in ["for", "aria-describedby", "aria-labelledby"] {
                for id in element.attr(attribute).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(id), "{page}: {attribute} names {id}, which is not there");
                }
            }
            if let Some(anchor) = element.attr("href").and_then(|href| href.strip_prefix('#')) {
                assert!(ids.contains(anchor), "{page}: a link leads to #{anchor}, which is not there");
            }
        }
        let inputs =
            document.elements.iter().filter(|element| ["input", "select", "textarea"].contains(&element.tag.as_str()));
        for input in inputs.filter(|input| input.attr("type") != Some("hidden") && input.attr("hidden").is_none()) {
            let id = input.attr("id").unwrap_or_else(|| panic!("{page}: an input without id"));
            let labels: Vec<_> = document.all("label").filter(|label| label.attr("for") == Some(id)).collect();
            assert!(labels.len() == 1 && !labels[0].text.trim().is_empty(), "{page}: {id} has no label");
            assert_eq!(input.attr("name"), Some(id), "{page}: id and name differ");
            let type_ = input.attr("type").unwrap_or_default();
            if ["email", "password"].contains(&type_) {
                assert!(input.attr("autocomplete").is_some(), "{page}: {id} tells password managers nothing");
            }
        }
    }
}

#[test]
fn every_field_with_an_error_says_so_beside_it_and_in_the_summary() {
    let mut seen = 0;
    for sample in samples::pages() {
        let page = format!("{} ({:?})", sample.name, sample.locale);
        let document = Document::read(&page, &sample.html);
        let wrong: Vec<_> =
            document.elements.iter().filter(|element| element.attr("aria-invalid") == Some("true")).collect();
        for input in &wrong {
            seen += 1;
            let id = input.attr("id").expect("id");
            let described = input.attr("aria-describedby").unwrap_or_default();
            assert!(
                described.split(' ').any(|id_| id_ == format!("{id}-error")),
                "{page}: {id} is not described by its error"
            );
            let error = document.by_id(&format!("{id}-error")).expect("error");
            assert!(error.text.trim().len() > 10, "{page}: {id}'s error says nothing");
            let anchor = format!("#{id}");
            assert!(
                document.all("a").any(|link| link.attr("href") == Some(&anchor)),
                "{page}: the summary leaves out {id}"
            );
        }
        if !wrong.is_empty() {
            let summary = document.by_id("errors").unwrap_or_else(|| panic!("{page}: no summary"));
            assert_eq!((summary.attr("role"), summary.attr("tabindex")), (Some("alert"), Some("-1")), "{page}");
            let title = document.all("title").next().expect("title");
            assert!(title.text.starts_with("Error:"), "{page}: the title does not tell of the error");
        }
    }
    assert!(seen > 15, "samples with errors exist");
}

#[test]
fn every_form_posts_to_its_own_url_with_its_token() {
    for sample in samples::pages() {
        let page = format!("{} ({:?})", sample.name, sample.locale);
        let document = Document::read(&page, &sample.html);
        for (index, form) in document.elements.iter().enumerate().filter(|(_, element)| element.tag == "form") {
            // A search changes nothing, and its answer has an address.
            if form.attr("role") == Some("search") {
                assert_eq!(form.attr("method"), Some("get"), "{page}");
                assert!(!document.inside(index).any(|element| element.attr("name") == Some("csrf")), "{page}");
                continue;
            }
            assert_eq!(form.attr("method"), Some("post"), "{page}");
            let action = form.attr("action").unwrap_or_else(|| panic!("{page}: a form without action"));
            assert!(
                document.inside(index).any(|element| element.tag == "button" && element.attr("type") == Some("submit")),
                "{page}"
            );
            if sample.name == "form-post" {
                assert!(!sample.html.contains("csrf-token-of-the-session"), "our token must not go to the app");
                continue;
            }
            assert!(action.starts_with('/') && !action.starts_with("//"), "{page}: {action}");
            let named =
                |name: &str| document.inside(index).filter(|element| element.attr("name") == Some(name)).count();
            assert_eq!(named("csrf"), 1, "{page}: {action} would be refused");
            if action != "/language" && sample.html.contains("?interaction=inter-action-1\"") {
                assert_eq!(named("interaction"), 1, "{page}: {action} loses the interaction");
            }
        }
        for button in document.all("button") {
            assert_eq!(button.attr("type"), Some("submit"), "{page}");
            assert!(!button.text.trim().is_empty(), "{page}: a button without a name");
        }
    }
}

#[test]
fn no_page_needs_inline_style_script_or_another_site() {
    for sample in samples::pages() {
        let page = format!("{} ({:?})", sample.name, sample.locale);
        let document = Document::read(&page, &sample.html);
        for element in &document.elements {
            for name in element.attributes.keys() {
                assert!(name != "style" && !name.starts_with("on"), "{page}: <{} {name}>", element.tag);
            }
            assert!(
                !["style", "iframe", "object", "embed", "base"].contains(&element.tag.as_str()),
                "{page}: <{}>",
                element.tag
            );
            let resource = match element.tag.as_str() {
                "img" | "script" => element.attr("src"),
                "link" => element.attr("href"),
                _ => None,
            };
            assert!(resource.is_none_or(|url| url.starts_with('/') && !url.starts_with("//")), "{page}: {resource:?}");
        }
        let form_post = usize::from(sample.name == "form-post");
        let for_passkeys = usize::from(document.elements.iter().any(|element| element.attr("data-passkey").is_some()));
        let counting_down = usize::from(document.elements.iter().any(|element| element.attr("data-until").is_some()));
        let copied = usize::from(document.elements.iter().any(|element| element.attr("data-copy").is_some()));
        assert_eq!(document.all("script").count(), form_post + for_passkeys + counting_down + copied, "{page}");
    }
}

#[test]
fn every_page_with_a_form_token_offers_every_language_and_comes_back_to_itself() {
    let without = |name: &str| name == "form-post" || name.starts_with("error-");
    for sample in samples::pages().into_iter().filter(|sample| !without(&sample.name)) {
        let document = Document::read(&sample.name, &sample.html);
        let form =
            document.elements.iter().position(|element| element.attr("action") == Some("/language")).expect("switch");
        let offered: Vec<_> = document
            .inside(form)
            .filter(|element| element.attr("name") == Some("locale"))
            .filter_map(|button| button.attr("value"))
            .collect();
        assert_eq!(offered, Locale::ALL.map(Locale::tag), "{}", sample.name);
        let back = document.inside(form).find(|element| element.attr("name") == Some("path")).expect("path");
        assert!(back.attr("value").is_some_and(|path| path.starts_with('/')), "{}", sample.name);
    }
}
