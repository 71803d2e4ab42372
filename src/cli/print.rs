//! How commands print what they found.

use chrono::DateTime;
use chrono::SecondsFormat;

use crate::domain::time::Timestamp;

/// RFC 3339 in UTC.
pub fn time(at: Timestamp) -> String {
    DateTime::from_timestamp(at.unix(), 0)
        .map_or_else(|| at.unix().to_string(), |at| at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Columns as wide as their widest cell, without lines around them.
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) {
    let mut widths = head.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    print_row(&head.map(str::to_owned), &widths);
    for row in rows {
        print_row(row, &widths);
    }
}

fn print_row<const N: usize>(cells: &[String; N], widths: &[usize; N]) {
    let padded: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{}{}", safe(cell), " ".repeat(width - cell.chars().count())))
        .collect();
    println!("{}", padded.join("  ").trim_end());
}

/// What others have written must not move the cursor of whoever reads it.
pub fn safe(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A value of JSON as people read it.
pub fn text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "-".to_owned(),
        serde_json::Value::String(text) => safe(text),
        other => safe(&other.to_string()),
    }
}

/// Seconds since 1970 as a time.
pub fn at(value: &serde_json::Value) -> String {
    value.as_i64().map_or_else(|| text(value), |seconds| time(Timestamp::from_unix(seconds)))
}

pub fn json(value: &serde_json::Value) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
