//! How other products write down a password hash: read from their exports into the form that is stored here.
//!
//! | written by | form |
//! |---|---|
//! | bcrypt everywhere, Spring Security | `$2b$..`, `{bcrypt}$2a$..` |
//! | Argon2 everywhere, Django | `$argon2id$v=19$..`, `argon2$argon2id$..` |
//! | PHC strings, passlib | `$pbkdf2-sha256$i=..$salt$output`, `$pbkdf2-sha256$29000$..`, `$scrypt$ln=..$..` |
//! | Django | `pbkdf2_sha256$iterations$salt$output`, `scrypt$N$salt$r$p$output` |
//! | Werkzeug (Flask) | `pbkdf2:sha256:600000$salt$hex`, `scrypt:32768:8:1$salt$hex` |
//! | Keycloak | its credential object, also without the wrapping in texts |
//! | Firebase | an object with the account's hash and salt and the project's parameters |

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::foreign::{Digest, ForeignHash, ForeignHashError, SHORTEST_OUTPUT, ScryptCost};
use super::stored::{Argon2Facts, Stored};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
/// What of Argon2 is refused where it comes in; what is computed here may be harder.
const MAX_IMPORTED_MEMORY_KIB: u32 = 256 * 1024;
const MAX_IMPORTED_WORK_KIB: u64 = 2 * 1024 * 1024;
/// No product's hash is longer, with everything around it.
const LONGEST: usize = 2048;

/// A hash of another product, judged and brought into the form that the store keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportedHash(String);

impl ImportedHash {
    /// A text or an object, as the product's export writes it.
    pub fn read(written: &Value) -> Result<Self, ForeignHashError> {
        match written {
            Value::String(text) => Self::read_text(text),
            Value::Object(fields) => Self::read_object(fields),
            _ => Err(ForeignHashError::Unknown),
        }
    }

    /// For the store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read_text(text: &str) -> Result<Self, ForeignHashError> {
        if text.len() > LONGEST || !text.is_ascii() {
            return Err(ForeignHashError::Unknown);
        }
        let text = text.strip_prefix("{bcrypt}").unwrap_or(text);
        if text.starts_with("$2") {
            return ForeignHash::bcrypt(text).map(Self::from);
        }
        if text.starts_with("$argon2") {
            return Self::argon2(text);
        }
        if let Some(phc) = text.strip_prefix("argon2").filter(|phc| phc.starts_with('$')) {
            return Self::argon2(&format!("${}", phc.trim_start_matches('$')));
        }
        let parts: Vec<&str> = text.split('$').collect();
        let hash = match parts.as_slice() {
            ["", "scrypt", numbers, salt, output] => scrypt_phc(numbers, salt, output),
            ["", name, numbers, salt, output] => pbkdf2_phc(name, numbers, salt, output),
            ["scrypt", n, salt, r, p, output] => {
                ForeignHash::scrypt(scrypt_cost(n, r, p)?, salt.as_bytes().to_vec(), base64(output)?)
            }
            [name, iterations, salt, output] if name.starts_with("pbkdf2_") => {
                let digest = Digest::named(&name["pbkdf2_".len()..]).ok_or(ForeignHashError::Unknown)?;
                ForeignHash::pbkdf2(digest, number(iterations)?, salt.as_bytes().to_vec(), base64(output)?)
            }
            [method, salt, output] => werkzeug(method, salt, output),
            _ => Err(ForeignHashError::Unknown),
        };
        hash.map(Self::from)
    }

    fn read_object(fields: &Map<String, Value>) -> Result<Self, ForeignHashError> {
        if fields.contains_key("credentialData") {
            let mut all = unwrapped(fields, "secretData")?;
            all.extend(unwrapped(fields, "credentialData")?);
            return Self::read_object(&all);
        }
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let output = text("value").or(text("hash")).ok_or(unusable("the hash is missing"))?;
        let salt = base64(text("salt").ok_or(unusable("the salt is missing"))?)?;
        match text("algorithm").ok_or(ForeignHashError::Unknown)? {
            "firebase-scrypt" => {
                let signer = base64(text("signer_key").ok_or(unusable("signer_key is missing"))?)?;
                let separator = base64(text("salt_separator").unwrap_or_default())?;
                let log_n = whole(fields, &["mem_cost"]).and_then(|cost| u8::try_from(cost).ok());
                let cost = ScryptCost {
                    log_n: log_n.ok_or(unusable("mem_cost is missing"))?,
                    r: whole(fields, &["rounds"]).ok_or(unusable("rounds is missing"))?,
                    p: 1,
                };
                ForeignHash::firebase(cost, [salt, separator].concat(), signer, base64(output)?).map(Self::from)
            }
            "argon2" => keycloak_argon2(fields, &salt, &base64(output)?),
            name => {
                let digest = pbkdf2_digest(name).ok_or(ForeignHashError::Unknown)?;
                let iterations = whole(fields, &["iterations", "hashIterations"]);
                let iterations = iterations.ok_or(unusable("the number of iterations is missing"))?;
                ForeignHash::pbkdf2(digest, iterations, salt, base64(output)?).map(Self::from)
            }
        }
    }

    fn argon2(phc: &str) -> Result<Self, ForeignHashError> {
        let malformed = |what| ForeignHashError::Malformed { form: "Argon2", what };
        let stored = Stored::parse(phc).map_err(|_| malformed("the PHC string"))?;
        let Argon2Facts { memory_kib, passes, salt, output } = stored.argon2().ok_or(ForeignHashError::Unknown)?;
        if memory_kib > MAX_IMPORTED_MEMORY_KIB {
            return Err(ForeignHashError::TooCostly {
                what: "the memory in KiB",
                most: MAX_IMPORTED_MEMORY_KIB.into(),
            });
        }
        if u64::from(memory_kib) * u64::from(passes) > MAX_IMPORTED_WORK_KIB {
            return Err(ForeignHashError::TooCostly {
                what: "memory times passes in KiB",
                most: MAX_IMPORTED_WORK_KIB,
            });
        }
        if salt < argon2::MIN_SALT_LEN || output < SHORTEST_OUTPUT {
            return Err(malformed("salt or output is too short"));
        }
        Ok(Self(phc.to_owned()))
    }
}

impl From<ForeignHash> for ImportedHash {
    fn from(hash: ForeignHash) -> Self {
        Self(hash.to_string())
    }
}

impl std::fmt::Debug for ImportedHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ImportedHash(redacted)")
    }
}

fn scrypt_phc(numbers: &str, salt: &str, output: &str) -> Result<ForeignHash, ForeignHashError> {
    let value = |name: &str| numbers.split(',').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let value = |name| value(name).ok_or(unusable("ln, r or p is missing"));
    let log_n = number(value("ln")?)?;
    let log_n = u8::try_from(log_n).map_err(|_| unusable("its ln is beyond reason"))?;
    let cost = ScryptCost { log_n, r: number(value("r")?)?, p: number(value("p")?)? };
    ForeignHash::scrypt(cost, base64(salt)?, base64(output)?)
}

/// The PHC string names its numbers; passlib writes the iterations alone, and `.` for `+` in base64.
fn pbkdf2_phc(name: &str, numbers: &str, salt: &str, output: &str) -> Result<ForeignHash, ForeignHashError> {
    let digest = pbkdf2_digest(name).ok_or(ForeignHashError::Unknown)?;
    let named = numbers.split(',').find_map(|pair| pair.strip_prefix("i="));
    let adapted = |text: &str| base64(&text.replace('.', "+"));
    ForeignHash::pbkdf2(digest, number(named.unwrap_or(numbers))?, adapted(salt)?, adapted(output)?)
}

fn pbkdf2_digest(name: &str) -> Option<Digest> {
    match name {
        "pbkdf2" => Some(Digest::Sha1),
        other => Digest::named(other.strip_prefix("pbkdf2-")?),
    }
}

fn werkzeug(method: &str, salt: &str, output: &str) -> Result<ForeignHash, ForeignHashError> {
    let (salt, output) = (salt.as_bytes().to_vec(), hex(output)?);
    match method.split(':').collect::<Vec<_>>().as_slice() {
        ["scrypt", n, r, p] => ForeignHash::scrypt(scrypt_cost(n, r, p)?, salt, output),
        ["pbkdf2", digest, iterations] => {
            let digest = Digest::named(digest).ok_or(ForeignHashError::Unknown)?;
            ForeignHash::pbkdf2(digest, number(iterations)?, salt, output)
        }
        _ => Err(ForeignHashError::Unknown),
    }
}

/// Keycloak keeps the parameters as lists of texts: `{"memory": ["7168"], "type": ["id"], ...}`.
fn keycloak_argon2(fields: &Map<String, Value>, salt: &[u8], output: &[u8]) -> Result<ImportedHash, ForeignHashError> {
    let more = fields
        .get("additionalParameters")
        .and_then(Value::as_object)
        .ok_or(unusable("additionalParameters is missing"))?;
    let first = |name: &str| more.get(name).and_then(|list| list.get(0)).and_then(Value::as_str);
    let (kind, version) = (first("type").unwrap_or("id"), first("version").unwrap_or("1.3"));
    if !["i", "d", "id"].contains(&kind) || !["1.0", "1.3"].contains(&version) {
        return Err(ForeignHashError::Malformed { form: "Argon2", what: "its type or version" });
    }
    let memory = number(first("memory").ok_or(unusable("memory is missing"))?)?;
    let lanes = number(first("parallelism").unwrap_or("1"))?;
    let passes =
        whole(fields, &["hashIterations", "iterations"]).ok_or(unusable("the number of iterations is missing"))?;
    let version = if version == "1.3" { 19 } else { 16 };
    let bytes = |bytes: &[u8]| base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes);
    let (salt, output) = (bytes(salt), bytes(output));
    ImportedHash::argon2(&format!("$argon2{kind}$v={version}$m={memory},t={passes},p={lanes}${salt}${output}"))
}

/// An object, or the text of one.
fn unwrapped(fields: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, ForeignHashError> {
    match fields.get(name) {
        Some(Value::Object(inner)) => Ok(inner.clone()),
        Some(Value::String(text)) if text.len() <= LONGEST => {
            serde_json::from_str(text).map_err(|_| unusable("no JSON object in the credential"))
        }
        _ => Err(unusable("secretData or credentialData is missing")),
    }
}

fn whole(fields: &Map<String, Value>, names: &[&str]) -> Option<u32> {
    let value = names.iter().find_map(|name| fields.get(*name))?;
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}

fn scrypt_cost(n: &str, r: &str, p: &str) -> Result<ScryptCost, ForeignHashError> {
    let n = number(n)?;
    if !n.is_power_of_two() {
        return Err(ForeignHashError::Malformed { form: "scrypt", what: "N is no power of two" });
    }
    let log_n = u8::try_from(n.trailing_zeros()).unwrap_or(u8::MAX);
    Ok(ScryptCost { log_n, r: number(r)?, p: number(p)? })
}

fn number(text: &str) -> Result<u32, ForeignHashError> {
    text.parse().map_err(|_| ForeignHashError::Malformed { form: "password", what: "a number is none, or too large" })
}

const fn unusable(what: &'static str) -> ForeignHashError {
    ForeignHashError::Malformed { form: "password", what }
}

fn base64(text: &str) -> Result<Vec<u8>, ForeignHashError> {
    BASE64.decode(text).or_else(|_| BASE64_URL.decode(text)).map_err(|_| unusable("not base64"))
}

fn hex(text: &str) -> Result<Vec<u8>, ForeignHashError> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?),
        _ => None,
    };
    pairs.map(byte).collect::<Option<_>>().ok_or(unusable("not in hexadecimal digits"))
}

fn digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(16)
}
