//! Just enough of an HTML reader to check our own pages: it accepts only what we write (quoted attributes, every element closed).

use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub struct Element {
    pub tag: String,
    pub attributes: BTreeMap<String, String>,
    /// All text inside, tags left out, entities as written.
    pub text: String,
    /// Indices of the enclosing elements, outermost first.
    pub path: Vec<usize>,
}

pub struct Document {
    pub elements: Vec<Element>,
}

const VOID: &[&str] = &["meta", "link", "input", "img", "br", "hr"];

impl Element {
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

impl Document {
    /// Panics, naming `page`, at the first thing that is not well formed.
    pub fn read(page: &str, html: &str) -> Document {
        let mut rest =
            html.trim_start().strip_prefix("<!doctype html>").unwrap_or_else(|| panic!("{page}: no doctype"));
        let mut document = Document { elements: Vec::new() };
        let mut open: Vec<usize> = Vec::new();
        while let Some(at) = rest.find('<') {
            document.put_text(page, &open, &rest[..at]);
            let end = end_of_tag(&rest[at..])
                .unwrap_or_else(|| panic!("{page}: a tag does not end: {}", excerpt(&rest[at..])));
            let tag = &rest[at + 1..at + end];
            rest = &rest[at + end + 1..];
            if let Some(name) = tag.strip_prefix('/') {
                let last = open.pop().unwrap_or_else(|| panic!("{page}: </{name}> closes nothing"));
                assert_eq!(document.elements[last].tag, name, "{page}: closed out of order before {}", excerpt(rest));
                continue;
            }
            let closed = tag.ends_with('/');
            let mut element = read_tag(page, tag.trim_end_matches('/'));
            element.path = open.clone();
            let void = VOID.contains(&element.tag.as_str()) || closed;
            document.elements.push(element);
            if !void {
                open.push(document.elements.len() - 1);
            }
        }
        document.put_text(page, &open, rest);
        assert!(
            open.is_empty(),
            "{page}: left open: {:?}",
            open.iter().map(|at| &document.elements[*at].tag).collect::<Vec<_>>()
        );
        document
    }

    pub fn all<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |element| element.tag == tag)
    }

    pub fn by_id(&self, id: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.attr("id") == Some(id))
    }

    /// Every id; panics when one is used twice.
    pub fn ids(&self, page: &str) -> BTreeSet<&str> {
        let mut ids = BTreeSet::new();
        for id in self.elements.iter().filter_map(|element| element.attr("id")) {
            assert!(ids.insert(id), "{page}: id {id} is used twice");
        }
        ids
    }

    /// The elements inside the one at `index`.
    pub fn inside(&self, index: usize) -> impl Iterator<Item = &Element> {
        self.elements.iter().filter(move |element| element.path.contains(&index))
    }

    fn put_text(&mut self, page: &str, open: &[usize], text: &str) {
        assert!(!text.contains('>'), "{page}: a bare > in text: {}", excerpt(text));
        for at in open {
            self.elements[*at].text.push_str(text);
        }
    }
}

fn end_of_tag(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, character)| match character {
        '"' => {
            quoted = !quoted;
            None
        }
        '>' if !quoted => Some(at),
        _ => None,
    })
}

fn read_tag(page: &str, tag: &str) -> Element {
    let (name, mut rest) = tag.split_at(tag.find(char::is_whitespace).unwrap_or(tag.len()));
    let mut element = Element { tag: name.to_owned(), ..Element::default() };
    assert!(!name.is_empty() && name.chars().all(char::is_alphanumeric), "{page}: odd tag <{}>", excerpt(tag));
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return element;
        }
        let end = rest.find(|next: char| next == '=' || next.is_whitespace()).unwrap_or(rest.len());
        let attribute = rest[..end].to_owned();
        assert!(
            attribute.chars().all(|part| part.is_ascii_alphanumeric() || part == '-' || part == ':'),
            "{page}: odd attribute {attribute:?} in <{}>",
            excerpt(tag)
        );
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (inside, after) = quoted.split_once('"').unwrap_or_else(|| panic!("{page}: {attribute} is not closed"));
            assert!(!inside.contains(['<', '>']), "{page}: {attribute} holds a bare angle bracket");
            value = inside.to_owned();
            rest = after;
        }
        let twice = element.attributes.insert(attribute.clone(), value);
        assert!(twice.is_none(), "{page}: {attribute} stands twice in <{}>", excerpt(tag));
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(120).collect()
}
