//! The colour of an app on the hosted pages, and what is made of it so that every page stays readable in light and dark (WCAG 2.2,
//! success criteria 1.4.3 and 1.4.11).
//!
//! The operator may choose any colour: it is moved towards black or white as far as it takes. A button has it as it is wherever it stands
//! out from the page; what is written on it is black or white, whichever is easier to read.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Of text, and of what means something without being text.
const TEXT: f64 = 4.5;
const SHAPE: f64 = 3.0;
/// How much of the colour there is in the ground of badges, in percent.
const WASH: [u16; 2] = [8, 14];
const HOVER: u16 = 14;
const STEP: u16 = 4;

/// sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// What an operator chose for an app: `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Accent(Colour);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a colour as #rrggbb, in hexadecimal digits")]
pub struct NoColour;

/// The tokens of the style sheet that an app's colour takes the place of, in one scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tones {
    /// Ground of buttons, as it is and under the pointer, and what is written on it.
    pub press: Colour,
    pub press_hover: Colour,
    pub press_ink: Colour,
    /// Links, focus and ticks.
    pub text: Colour,
    /// Ornament.
    pub leaf: Colour,
    /// Ground of badges.
    pub wash: Colour,
}

/// What the pages are printed on: the tokens `card` and `paper` of the style sheet.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    pub card: Colour,
    pub paper: Colour,
    wash: u16,
    /// Away from the ground.
    towards: Colour,
}

pub const LIGHT: Scheme = Scheme {
    card: Colour([0xff, 0xfd, 0xf9]),
    paper: Colour([0xf6, 0xf3, 0xec]),
    wash: WASH[0],
    towards: Colour::BLACK,
};
pub const DARK: Scheme = Scheme {
    card: Colour([0x1d, 0x1a, 0x15]),
    paper: Colour([0x13, 0x11, 0x0d]),
    wash: WASH[1],
    towards: Colour::WHITE,
};

impl Colour {
    pub const BLACK: Self = Self([0x00; 3]);
    pub const WHITE: Self = Self([0xff; 3]);

    /// So many percent of the way to `other`.
    fn mixed(self, other: Self, percent: u16) -> Self {
        let part = |at: usize| {
            let mixed = (u16::from(self.0[at]) * (100 - percent) + u16::from(other.0[at]) * percent) / 100;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Self([part(0), part(1), part(2)])
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(self.0[at]) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
    }

    /// From 1 (the same) to 21 (black and white).
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// As much of this colour as stands out from every ground by `least`.
    fn standing_out(self, grounds: &[Self], least: f64, towards: Self) -> Self {
        let candidates = (0..=100).step_by(usize::from(STEP)).filter_map(|percent| u16::try_from(percent).ok());
        let mut candidates = candidates.map(|percent| self.mixed(towards, percent));
        candidates.find(|one| grounds.iter().all(|ground| one.contrast(*ground) >= least)).unwrap_or(towards)
    }
}

impl Accent {
    pub fn tones(self, scheme: Scheme) -> Tones {
        let Self(colour) = self;
        let wash = scheme.card.mixed(colour, scheme.wash);
        let press = colour.standing_out(&[scheme.card, scheme.paper], SHAPE, scheme.towards);
        let press_ink = match press.contrast(Colour::WHITE) >= TEXT {
            true => Colour::WHITE,
            false => Colour::BLACK,
        };
        let away = if press_ink == Colour::WHITE { Colour::BLACK } else { Colour::WHITE };
        Tones {
            press,
            press_hover: press.mixed(away, HOVER),
            press_ink,
            text: colour.standing_out(&[scheme.card, scheme.paper, wash], TEXT, scheme.towards),
            leaf: press,
            wash,
        }
    }

    /// Without the `#`, as it stands in an address.
    pub fn digits(self) -> String {
        self.to_string().split_off(1)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Accent {
    type Err = NoColour;

    fn from_str(text: &str) -> Result<Self, NoColour> {
        let digits = text.strip_prefix('#').ok_or(NoColour)?;
        // `from_str_radix` takes a sign, too.
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoColour);
        }
        let [_, red, green, blue] = u32::from_str_radix(digits, 16).map_err(|_| NoColour)?.to_be_bytes();
        Ok(Self(Colour([red, green, blue])))
    }
}

impl From<Accent> for String {
    fn from(accent: Accent) -> Self {
        accent.to_string()
    }
}

impl TryFrom<String> for Accent {
    type Error = NoColour;

    fn try_from(text: String) -> Result<Self, NoColour> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_chosen_is_readable_in_light_and_dark() {
        let steps: Vec<u8> = (0..=255).step_by(15).collect();
        for scheme in [LIGHT, DARK] {
            for [red, green, blue] in
                steps.iter().flat_map(|r| steps.iter().flat_map(|g| steps.iter().map(|b| [*r, *g, *b])))
            {
                let accent = Accent(Colour([red, green, blue]));
                let tones = accent.tones(scheme);
                for (front, ground, least) in [
                    (tones.press_ink, tones.press, TEXT),
                    (tones.press_ink, tones.press_hover, TEXT),
                    (tones.text, scheme.card, TEXT),
                    (tones.text, scheme.paper, TEXT),
                    (tones.text, tones.wash, TEXT),
                    (tones.press, scheme.card, SHAPE),
                    (tones.press, scheme.paper, SHAPE),
                ] {
                    assert!(front.contrast(ground) >= least, "{accent}: {front} on {ground} in {tones:?}");
                }
            }
        }
    }

    #[test]
    fn a_colour_that_reads_well_stays_what_it_is() {
        let blue: Accent = "#1A56DB".parse().unwrap();
        assert_eq!(blue.to_string(), "#1a56db");
        let tones = blue.tones(LIGHT);
        assert_eq!((tones.press.to_string(), tones.text.to_string()), ("#1a56db".into(), "#1a56db".into()));
        assert_eq!(tones.press_ink, Colour::WHITE);
        // Yellow is no colour to write with on white.
        let yellow: Accent = "#ffe600".parse().unwrap();
        assert_ne!(yellow.tones(LIGHT).text, yellow.0);
        assert_eq!((yellow.tones(DARK).press, yellow.tones(DARK).press_ink), (yellow.0, Colour::BLACK));
    }

    #[test]
    fn only_six_digits_are_a_colour() {
        for wrong in
            ["", "1a56db", "#1a56d", "#1a56db0", "#1a56dg", "#+a56db", "blue", "#fff", "#1a56db;}", "#１２３４５６"]
        {
            assert_eq!(wrong.parse::<Accent>(), Err(NoColour), "{wrong}");
        }
    }
}
