//! Which passwords are refused, and why: too short, too long, common, guessable, or made of what is known about the person.
//!
//! The estimate is that of the `zxcvbn` crate, which carries lists of common passwords, names and words and knows keyboard runs,
//! repeats, dates and letters replaced by digits. It is told in addition the words that people who trade think of first.
//! No rule asks for digits or capitals (NIST SP 800-63B-4 section 3.1.1.2).

use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, Score, zxcvbn};

/// A smaller configured minimum has no effect.
pub const LOWEST_MINIMUM_LENGTH: usize = 8;
/// The most bytes of UTF-8 that one character takes.
const BYTES_OF_A_CHARACTER: usize = 4;

/// What a deployment asks of a password. Lengths count Unicode characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub minimum_length: usize,
    /// Longer ones are refused, never cut.
    pub maximum_length: usize,
    /// 0 to 4, the scale of zxcvbn; 3 stands for 10^8 guesses.
    pub minimum_score: u8,
}

/// Estimation costs more than linear time, and what follows these characters only makes a password better.
const ESTIMATED_CHARACTERS: usize = 64;
/// The estimator tries every way to read digits and symbols as letters: from a few for `P@ssw0rd` to thousands for text made to
/// hold them all, which takes it many seconds. Up to this many ways it may try.
const MAX_READINGS: usize = 8;
/// The letters for which it knows several signs, with those signs.
const AMBIGUOUS_SIGNS: [&str; 7] = ["4@", "({[<", "69", "1!|", "1|7", "$5", "+7"];
/// Where the private-use characters of Unicode begin.
const PRIVATE_USE: u32 = 0xE000;
/// Of what is known about the person, this much is looked at.
const MAX_PERSONAL_WORDS: usize = 24;

/// Why a password is refused. The message catalogue has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// In characters.
    #[error("shorter than {minimum} characters")]
    TooShort { minimum: usize },
    /// In characters.
    #[error("longer than {maximum} characters")]
    TooLong { maximum: usize },
    /// A well-known password or word, perhaps with a few characters changed or added.
    #[error("a common password")]
    Common,
    /// Made of patterns that are guessed early.
    #[error("easily guessed")]
    Guessable,
    /// Good enough for a stranger, not for this person.
    #[error("made of the person's own details")]
    ContainsPersonal,
}

/// Accepts or refuses `password`. `user_inputs` is what is known about the person (e-mail address, name, the app's name).
///
/// Takes a few milliseconds in a release build, whatever the input.
pub fn check(password: &str, user_inputs: &[&str], rules: Rules) -> Result<(), Weakness> {
    let maximum = rules.maximum_length.max(LOWEST_MINIMUM_LENGTH);
    let minimum = rules.minimum_length.clamp(LOWEST_MINIMUM_LENGTH, maximum);
    // Bytes first: counting characters of a large body would be work for nothing.
    if password.len() > maximum.saturating_mul(BYTES_OF_A_CHARACTER) {
        return Err(Weakness::TooLong { maximum });
    }
    match password.chars().count() {
        length if length < minimum => return Err(Weakness::TooShort { minimum }),
        length if length > maximum => return Err(Weakness::TooLong { maximum }),
        _ => {}
    }
    if rules.minimum_score == 0 {
        return Ok(());
    }

    let personal = personal_words(user_inputs);
    let estimated = estimable(password);
    let to_a_stranger = zxcvbn(&estimated, TRADE_WORDS);
    if !is_strong(&to_a_stranger, rules.minimum_score) {
        return Err(if is_one_known_word(&to_a_stranger) { Weakness::Common } else { Weakness::Guessable });
    }
    if is_made_of(password, TRADE_WORDS.iter().copied()) {
        return Err(Weakness::Guessable);
    }
    let to_an_acquaintance: Vec<&str> =
        personal.iter().map(String::as_str).chain(TRADE_WORDS.iter().copied()).collect();
    let estimate = zxcvbn(&estimated, &to_an_acquaintance);
    if !is_strong(&estimate, rules.minimum_score) || is_made_of(password, to_an_acquaintance.into_iter()) {
        return Err(Weakness::ContainsPersonal);
    }
    Ok(())
}

/// The part of the password that is estimated. Where it could be read as letters in too many ways, its symbols are exchanged, each
/// for a character of its own that means nothing, so that repeats and digits are still seen.
fn estimable(password: &str) -> String {
    let start = || password.chars().take(ESTIMATED_CHARACTERS);
    let readings: usize = AMBIGUOUS_SIGNS
        .iter()
        .map(|signs| signs.chars().filter(|sign| start().any(|c| c == *sign)).count().max(1))
        .product();
    if readings <= MAX_READINGS {
        return start().collect();
    }
    start()
        .map(|c| if c.is_ascii_punctuation() { char::from_u32(PRIVATE_USE + u32::from(c)).unwrap_or(c) } else { c })
        .collect()
}

/// The estimator counts ten guesses for a character it cannot explain, which would refuse even eight characters drawn at random
/// (score 2); so where it finds no pattern at all, the length rule decides.
fn is_strong(estimate: &Entropy, minimum_score: u8) -> bool {
    let score = estimate.score();
    u8::from(score) >= minimum_score
        || score >= Score::Two
            && estimate.sequence().iter().all(|part| matches!(part.pattern, MatchPattern::BruteForce))
}

/// One word of a list makes up nearly all of the password.
fn is_one_known_word(estimate: &Entropy) -> bool {
    let total: usize = estimate.sequence().iter().map(|part| part.token.chars().count()).sum();
    let longest_word = estimate
        .sequence()
        .iter()
        .filter(|part| matches!(part.pattern, MatchPattern::Dictionary(_)))
        .map(|part| part.token.chars().count())
        .max();
    longest_word.is_some_and(|longest| longest * 2 > total)
}

/// Take the words out, and next to nothing is left: a few letters, a year. The estimator alone would pass a password for the number
/// of its parts, however few words there are to put them together from.
fn is_made_of<'a>(password: &str, words: impl Iterator<Item = &'a str>) -> bool {
    let mut words: Vec<&str> = words.collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = password.to_lowercase();
    for word in words {
        if rest.contains(word) {
            rest = rest.replace(word, " ");
        }
    }
    let letters = rest.chars().filter(|c| c.is_alphabetic()).count();
    let others = rest.chars().filter(|c| !c.is_alphabetic() && !c.is_whitespace() && !c.is_ascii_punctuation()).count();
    letters < 4 && others <= 6
}

/// Each input whole and in its words, without those too short to mean anything.
fn personal_words(user_inputs: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for input in user_inputs {
        let input: String = input.chars().take(ESTIMATED_CHARACTERS).collect::<String>().to_lowercase();
        let parts = input.split(|c: char| !c.is_alphanumeric());
        for word in std::iter::once(input.as_str()).chain(parts) {
            if word.chars().count() >= 3 && !words.iter().any(|known| known == word) && words.len() < MAX_PERSONAL_WORDS
            {
                words.push(word.to_owned());
            }
        }
    }
    words
}

/// Words that come to mind first on a site about money, likeliest first. The estimator finds them also reversed, in capitals,
/// with digits for letters, and beside years and runs of keys.
#[rustfmt::skip]
const TRADE_WORDS: &[&str] = &[
    "bitcoin", "crypto", "ethereum", "satoshi", "hodl", "tothemoon", "blockchain", "karat", "wallet", "trading", "trader",
    "binance", "coinbase", "kraken", "dogecoin", "nakamoto", "satoshinakamoto", "hodler", "btc", "eth", "xrp", "usdt", "usdc",
    "ripple", "litecoin", "solana", "cardano", "polkadot", "monero", "tether", "stablecoin", "altcoin", "shitcoin", "memecoin",
    "metamask", "ledger", "trezor", "coldwallet", "hotwallet", "privatekey", "seedphrase", "mnemonic", "defi", "nft", "token",
    "staking", "mining", "miner", "hashrate", "halving", "lambo", "wagmi", "ngmi", "diamondhands", "paperhands", "bullrun",
    "bullmarket", "bearmarket", "moon", "whale", "pump", "dump", "buythedip", "fomo", "shiba", "shibainu", "pepe", "uniswap",
    "exchange", "account", "password", "passwort", "contrasena", "secret", "login", "welcome", "letmein", "changeme", "invest",
    "investor", "money", "dollar", "million", "millionaire", "rich", "gold", "silver", "freedom", "vitalik", "buterin", "genesis",
    "lightning", "decentralized", "notyourkeys", "notyourkeysnotyourcoins", "web3", "airdrop", "ftx", "bitfinex", "bybit", "okx",
];

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: &[&str] = &["alice.meadows@example.com", "Alice Meadows", "Trading Demo"];
    const MAXIMUM_LENGTH: usize = 256;

    fn check(password: &str, person: &[&str], minimum_length: usize) -> Result<(), Weakness> {
        super::check(password, person, Rules { minimum_length, maximum_length: MAXIMUM_LENGTH, minimum_score: 3 })
    }

    #[test]
    fn a_deployment_decides_on_length_and_strength() {
        let rules = |maximum_length, minimum_score| Rules { minimum_length: 8, maximum_length, minimum_score };
        assert_eq!(super::check("password", PERSON, rules(64, 0)), Ok(()));
        assert_eq!(super::check("marmoset-ember-7", PERSON, rules(64, 3)), Ok(()));
        assert_eq!(super::check("password", PERSON, rules(64, 1)), Err(Weakness::Common));
        let long = "marmoset ember tin lantern ".repeat(3);
        assert_eq!(super::check(&long, PERSON, rules(64, 3)), Err(Weakness::TooLong { maximum: 64 }));
        assert_eq!(super::check(&long, PERSON, rules(1024, 3)), Ok(()));
    }

    #[test]
    fn length_is_counted_in_characters_and_never_below_eight() {
        assert_eq!(check("kV4-xQz", PERSON, 1), Err(Weakness::TooShort { minimum: 8 }));
        assert_eq!(check("kV4-xQzpW9r", PERSON, 12), Err(Weakness::TooShort { minimum: 12 }));
        assert_eq!(check("🦀🐘🎻🌵🚲🧀🪁", PERSON, 8), Err(Weakness::TooShort { minimum: 8 }));
        assert_eq!(check("🦀🐘🎻🌵🚲🧀🪁🎲", PERSON, 8), Ok(()));
    }

    #[test]
    fn eight_characters_drawn_at_random_pass() {
        for password in ["x7$Kq9!z", "vQ2_mLp8", "ежуйцвщя", "海牛灯苔匙鹰绒窗"] {
            assert_eq!(check(password, PERSON, 8), Ok(()), "{password}");
        }
    }

    #[test]
    fn long_passwords_pass_up_to_the_maximum_and_are_refused_beyond() {
        let long: String = (0..64u8).map(|i| char::from(b'!' + (i.wrapping_mul(37) % 90))).collect();
        assert_eq!(check(&long, PERSON, 8), Ok(()));
        let longest: String = long.repeat(4);
        assert_eq!(longest.chars().count(), MAXIMUM_LENGTH);
        assert_eq!(check(&longest, PERSON, 8), Ok(()));
        let maximum = MAXIMUM_LENGTH;
        assert_eq!(check(&format!("{longest}x"), PERSON, 8), Err(Weakness::TooLong { maximum }));
        assert_eq!(check(&"🦀".repeat(257), PERSON, 8), Err(Weakness::TooLong { maximum }));
        assert_eq!(check(&"x".repeat(10_000_000), PERSON, 8), Err(Weakness::TooLong { maximum }));
    }

    #[test]
    fn any_character_is_allowed() {
        for password in ["mar\0moset tin lantern", "  spaced   out lantern pigeon  ", "ünïcödé žlutý kůň ✨ tractor"]
        {
            assert_eq!(check(password, PERSON, 8), Ok(()), "{password:?}");
        }
    }

    #[test]
    fn common_passwords_are_refused_as_common() {
        for password in
            ["password", "Password1", "iloveyou", "P@ssw0rd", "qwertyuiop", "sunshine1", "Bitcoin1", "satoshinakamoto"]
        {
            assert_eq!(check(password, PERSON, 8), Err(Weakness::Common), "{password}");
        }
    }

    #[test]
    fn patterns_and_words_of_the_trade_with_years_are_refused() {
        for password in [
            "12345678",
            "87654321",
            "aaaaaaaa",
            "abcabcabcabc",
            "zxcvbnm,./",
            "19870312",
            "Bitcoin2024!",
            "hodl-bitcoin",
            "b1tc01n2025",
            "ethereum123",
            "nioctib1",
            "Karat.Bitcoin.2024",
            "ethereum-wallet-satoshi-7",
            "crypto2026!",
            "Karat2026",
        ] {
            assert!(check(password, PERSON, 8).is_err(), "{password}");
        }
    }

    #[test]
    fn what_is_known_about_the_person_is_refused_for_that_person_only() {
        for password in [
            "alice.meadows@example.com",
            "Meadows.alice",
            "alicemeadows7",
            "Alice+Meadows=1990!",
            "meadows.bitcoin.alice",
        ] {
            assert_eq!(check(password, PERSON, 8).map_err(|_| ()), Err(()), "{password}");
        }
        let surname = "Wojciechowska-Brzezinska";
        assert_eq!(check(surname, &[], 8), Ok(()));
        assert_eq!(check(surname, &["Wojciechowska", "brzezinska"], 8), Err(Weakness::ContainsPersonal));
    }

    #[test]
    fn a_personal_word_inside_a_strong_password_does_no_harm() {
        assert_eq!(check("alice paints 9 turbid lanterns", PERSON, 8), Ok(()));
        assert_eq!(check("alice \u{1f980}\u{1f418}\u{1f3bb}\u{1f335}\u{1f6b2}\u{1f9c0}\u{1fa81}", PERSON, 8), Ok(()));
    }

    #[test]
    fn text_made_to_keep_the_estimator_busy_does_not() {
        let seeds = [
            "4@8({[<3\u{20ac}6911!|7105$5+7%2",
            "1234567890",
            "4@({8",
            "4@8({[<3",
            "({[<69",
            "1/1/1",
            "p4$$w0rd",
            "aA1@",
            "a",
        ];
        for seed in seeds {
            let password: String = seed.chars().cycle().take(MAXIMUM_LENGTH).collect();
            let started = std::time::Instant::now();
            let _ = check(&password, PERSON, 8);
            // Without the bound the first takes half a minute in a debug build.
            assert!(started.elapsed() < std::time::Duration::from_secs(3), "{seed}: {:?}", started.elapsed());
        }
    }

    #[test]
    fn no_input_makes_the_estimator_panic() {
        let odd = [
            "\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}",
            "İİİİİİİİİ",
            "ﬀﬀﬀﬀﬀﬀﬀﬀ",
            "\u{202e}drowssap",
            "ßẞßẞßẞßẞ",
            "e\u{301}e\u{301}e\u{301}e\u{301}",
        ];
        for password in odd {
            let _ = check(password, &[password, "", "\u{0}"], 8);
            let _ = check(&password.repeat(9), &[password], 8);
        }
    }
}
