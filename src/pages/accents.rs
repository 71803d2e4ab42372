//! The style sheet of an app's colour: named after the colour, so that it may be kept for ever and holds nothing of the app.

use crate::domain::accent::{Accent, DARK, LIGHT, Tones};

/// The folder of the URL space that these are served from.
pub const PREFIX: &str = "/accents/";

/// Sets the tokens of `karat.css` within what has the class `accented`.
pub fn style(accent: Accent) -> String {
    format!(
        ".accented {{\n{}}}\n\n@media (prefers-color-scheme: dark) {{\n.accented {{\n{}}}\n}}\n",
        tokens(accent.tones(LIGHT)),
        tokens(accent.tones(DARK))
    )
}

fn tokens(tones: Tones) -> String {
    let Tones { press, press_hover, press_ink, text, leaf, wash } = tones;
    let all = [
        ("press", press),
        ("press-hover", press_hover),
        ("press-ink", press_ink),
        ("gold", text),
        ("gold-leaf", leaf),
        ("gold-wash", wash),
    ];
    all.map(|(name, colour)| format!("  --{name}: {colour};\n")).concat()
}
