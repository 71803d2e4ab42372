//! The colour tokens meet WCAG 2.2 AA in both schemes: 4.5:1 for text, 3:1 for edges of controls and signs.

use std::collections::BTreeMap;

use karat::domain::accent::{DARK, LIGHT};
use karat::pages::{accents, assets};

/// (text, ground)
const READ: &[(&str, &str)] = &[
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "gold-wash"),
    ("muted", "paper"),
    ("muted", "card"),
    ("gold", "card"),
    ("gold", "gold-wash"),
    ("press-ink", "press"),
    ("press-ink", "press-hover"),
    ("good", "good-wash"),
    ("bad", "card"),
    ("bad", "bad-wash"),
];

/// Borders of inputs, focus rings and the shapes that mean something.
const SEEN: &[(&str, &str)] = &[("edge", "card"), ("gold", "card"), ("gold", "paper"), ("bad", "card")];

fn schemes() -> [BTreeMap<String, String>; 2] {
    let path = assets::url("karat.css").expect("style sheet").strip_prefix(assets::PREFIX).expect("prefix");
    let css = String::from_utf8(assets::lookup(path).expect("style sheet").bytes.to_vec()).expect("text");
    let tokens = |block: &str| -> BTreeMap<String, String> {
        let body = block.split_once('{').expect("opens").1.split_once('}').expect("closes").0;
        let lines =
            body.lines().filter_map(|line| line.trim().strip_prefix("--")?.trim_end_matches(';').split_once(": "));
        lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let (_, after) = css.split_once("prefers-color-scheme: dark) {").expect("a dark scheme");
    let light = tokens(&css);
    let mut dark = light.clone();
    dark.extend(tokens(after));
    [light, dark]
}

fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn the_colours_meet_aa_in_light_and_dark() {
    let [light, dark] = schemes();
    assert_ne!(light["paper"], dark["paper"], "two schemes");
    for (scheme, name) in [(&light, "light"), (&dark, "dark")] {
        for (pairs, least) in [(READ, 4.5), (SEEN, 3.0)] {
            for (front, ground) in pairs {
                let ratio = contrast(&scheme[*front], &scheme[*ground]);
                assert!(ratio >= least, "{name}: {front} on {ground} is {ratio:.2}:1");
            }
        }
    }
}

/// An app's colour is judged against what the pages are printed on.
#[test]
fn an_apps_colour_knows_the_grounds_of_the_style_sheet() {
    let [light, dark] = schemes();
    for (tokens, scheme) in [(light, LIGHT), (dark, DARK)] {
        assert_eq!(tokens["card"], scheme.card.to_string());
        assert_eq!(tokens["paper"], scheme.paper.to_string());
    }
    // And it takes the place of tokens that there are.
    let css = accents::style("#1a56db".parse().expect("a colour"));
    let [light, _] = schemes();
    for name in css.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(':')).map(|(name, _)| name) {
        assert!(light.contains_key(name), "{name}");
    }
}

#[test]
fn the_contrast_formula_is_that_of_wcag() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.001);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}
