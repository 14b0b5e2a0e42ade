//! Files of reference rates, in the forms in which the European Central Bank publishes them: `eurofxref-hist.csv`, the
//! same zipped, and `eurofxref-hist.xml` with its shorter sisters.

use std::{io::Read, str::FromStr};

use chrono::NaiveDate;
use quick_xml::{Reader, events::Event};
use rust_decimal::Decimal;

use super::convert::Rates;
use crate::model::Currency;

/// The largest file that is unpacked, in bytes. The whole history since 1999 takes less than a tenth of it.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Why a file of rates cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RatesError {
    /// A line of a CSV.
    #[error("line {line} of the reference rates cannot be read: {what}")]
    Line {
        /// Its number, the header being the first.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// It is XML that breaks off or holds no rates of days.
    #[error("the reference rates cannot be read as the bank's XML: {0}")]
    Xml(String),
    /// It is a zip file without such a CSV.
    #[error("the reference rates cannot be unpacked: {0}")]
    Zip(String),
    /// It is none of these.
    #[error(
        "these are no reference rates: give the European Central Bank's eurofxref-hist.csv, .zip or .xml, or a file of that form"
    )]
    Unknown,
}

/// Reads a file of rates, whichever of the three forms it has.
pub fn read(file: &[u8]) -> Result<Rates, RatesError> {
    if file.starts_with(b"PK\x03\x04") {
        return csv(&unpacked(file)?);
    }
    let text = std::str::from_utf8(file).map_err(|_| RatesError::Unknown)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('<') { xml(text) } else { csv(text) }
}

/// The CSV in a zip file.
fn unpacked(file: &[u8]) -> Result<String, RatesError> {
    let fault = |error: &dyn std::fmt::Display| RatesError::Zip(error.to_string());
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).map_err(|error| fault(&error))?;
    let name = archive
        .file_names()
        .find(|name| name.to_lowercase().ends_with(".csv"))
        .map(ToOwned::to_owned)
        .ok_or_else(|| fault(&"it holds no CSV file"))?;
    let entry = archive.by_name(&name).map_err(|error| fault(&error))?;
    let mut text = String::new();
    entry.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| fault(&error))?;
    if text.len() as u64 > LARGEST {
        return Err(fault(&"it is larger than any file of rates"));
    }
    Ok(text)
}

/// A header `Date,USD,…`, then a line a day; an empty or `N/A` field is a day without a rate. Columns that are no currency
/// are left out.
fn csv(text: &str) -> Result<Rates, RatesError> {
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let fault = |line: usize, what: String| RatesError::Line { line: line + 1, what };
    let (_, header) = lines.next().ok_or(RatesError::Unknown)?;
    let mut columns = header.split(',').map(str::trim);
    if !columns.next().is_some_and(|first| first.eq_ignore_ascii_case("date")) {
        return Err(RatesError::Unknown);
    }
    let columns: Vec<Option<Currency>> = columns.map(Currency::from_code).collect();
    let mut rates = Vec::new();
    for (number, line) in lines {
        let mut fields = line.split(',').map(str::trim);
        let day = fields
            .next()
            .and_then(day)
            .ok_or_else(|| fault(number, "it does not begin with a date such as 2026-01-31".to_owned()))?;
        for (field, column) in fields.zip(&columns) {
            let Some(currency) = column.filter(|_| !matches!(field, "" | "N/A")) else { continue };
            let rate = rate(field).ok_or_else(|| fault(number, format!("`{field}` is no rate")))?;
            rates.push((currency, day, rate));
        }
    }
    Ok(Rates::of(rates))
}

/// `<Cube time="2026-10-30"><Cube currency="USD" rate="1.1172"/>…</Cube>`, whatever stands around it.
fn xml(text: &str) -> Result<Rates, RatesError> {
    let fault = |what: String| RatesError::Xml(what);
    let mut reader = Reader::from_str(text);
    let mut rates = Vec::new();
    let mut today: Option<NaiveDate> = None;
    loop {
        let cube = match reader.read_event().map_err(|error| fault(error.to_string()))? {
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == "Cube" => element,
            Event::Eof => break,
            _ => continue,
        };
        let mut currency = None;
        let mut told = None;
        for attribute in cube.attributes() {
            let attribute = attribute.map_err(|error| fault(error.to_string()))?;
            let value = attribute.value.into_owned();
            match attribute.key.as_ref() {
                "time" => {
                    today = Some(day(&value).ok_or_else(|| fault(format!("`{value}` is no day such as 2026-01-31")))?);
                }
                "currency" => currency = Currency::from_code(&value),
                "rate" => told = Some(rate(&value).ok_or_else(|| fault(format!("`{value}` is no rate")))?),
                _ => {}
            }
        }
        if let (Some(currency), Some(rate)) = (currency, told) {
            let day = today.ok_or_else(|| fault("a rate stands before the day that it is of".to_owned()))?;
            rates.push((currency, day, rate));
        }
    }
    if rates.is_empty() { Err(RatesError::Unknown) } else { Ok(Rates::of(rates)) }
}

fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn rate(text: &str) -> Option<Decimal> {
    Decimal::from_str(text).ok().filter(|rate| *rate > Decimal::ZERO)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const CSV: &str = "Date,USD,JPY,CYP,XXY,\n2026-10-30,1.1172,175.68,N/A,1,\n2026-10-29,1.113,,N/A,1,\n";

    fn rows(rates: &Rates) -> Vec<(String, String, String)> {
        rates.iter().map(|(code, day, rate)| (code.to_string(), day.to_string(), rate.to_string())).collect()
    }

    #[test]
    fn the_banks_csv_is_read_plain_and_zipped() {
        let plain = read(CSV.as_bytes()).unwrap();
        let row = |code: &str, day: &str, rate: &str| (code.to_owned(), day.to_owned(), rate.to_owned());
        let expected =
            [row("JPY", "2026-10-30", "175.68"), row("USD", "2026-10-29", "1.113"), row("USD", "2026-10-30", "1.1172")];
        assert_eq!(rows(&plain), expected);
        let mut zipped = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zipped.start_file("eurofxref-hist.csv", zip::write::SimpleFileOptions::default()).unwrap();
        zipped.write_all(CSV.as_bytes()).unwrap();
        assert_eq!(read(&zipped.finish().unwrap().into_inner()).unwrap(), plain);
    }

    #[test]
    fn the_banks_xml_says_the_same() {
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
            <gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
            <gesmes:subject>Reference rates</gesmes:subject>
            <Cube><Cube time="2026-10-30"><Cube currency="USD" rate="1.1172"/><Cube currency="JPY" rate="175.68"/></Cube>
            <Cube time='2026-10-29'><Cube currency='USD' rate='1.113'/></Cube></Cube></gesmes:Envelope>"#;
        assert_eq!(read(xml.as_bytes()).unwrap(), read(CSV.as_bytes()).unwrap());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (file, sentence) in [
            (
                "Date,USD\n2024-01-02,1.1\n2024-01-03,many\n",
                "line 3 of the reference rates cannot be read: `many` is no rate",
            ),
            (
                "<Cube><Cube currency='USD' rate='1'/></Cube>",
                "the reference rates cannot be read as the bank's XML: a rate stands before the day that it is of",
            ),
            (
                "<html><p>Not found</p></html>",
                "these are no reference rates: give the European Central Bank's eurofxref-hist.csv, .zip or .xml, or a file of that form",
            ),
            (
                "",
                "these are no reference rates: give the European Central Bank's eurofxref-hist.csv, .zip or .xml, or a file of that form",
            ),
        ] {
            assert_eq!(read(file.as_bytes()).unwrap_err().to_string(), sentence, "{file}");
        }
        assert!(matches!(read(b"PK\x03\x04 and no more"), Err(RatesError::Zip(_))));
    }
}
