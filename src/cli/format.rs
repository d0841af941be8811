//! Findings for programs: JSON, SARIF 2.1.0, JUnit, annotations of GitHub.

use std::collections::BTreeSet;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value as Json, json};

use super::Format;
use crate::base::diag::{Diagnostic, Place, Severity, Tongue};
use crate::base::messages;
use crate::build::Report;

pub fn findings(all: &[Diagnostic], format: Format, tongue: Tongue) -> String {
    match format {
        Format::Human | Format::Json => {
            let list: Vec<Json> = all.iter().map(|d| finding(d, tongue)).collect();
            format!("{}\n", serde_json::to_string_pretty(&list).unwrap_or_default())
        }
        Format::Sarif => format!("{}\n", serde_json::to_string_pretty(&sarif(all, tongue)).unwrap_or_default()),
        Format::Junit => junit(all, tongue),
        Format::Github => all.iter().map(|d| github(d, tongue)).collect(),
    }
}

/// Findings as JSON, in words.
pub fn in_json(all: &[Diagnostic], tongue: Tongue) -> Json {
    all.iter().map(|d| finding(d, tongue)).collect()
}

/// A report with its findings in words.
pub fn report(report: &Report, tongue: Tongue) -> Json {
    let mut json = serde_json::to_value(report).unwrap_or_default();
    json["diagnostics"] = in_json(&report.diagnostics, tongue);
    json
}

fn place(p: &Place) -> Json {
    json!({ "file": &*p.file, "line": p.line, "column": p.column, "length": p.length })
}

fn finding(d: &Diagnostic, tongue: Tongue) -> Json {
    json!({
        "id": d.id,
        "severity": d.severity,
        "site": d.site.as_deref(),
        "place": d.place.as_ref().map(place),
        "message": d.message(tongue),
        "help": d.helps(tongue),
        "nearest": d.nearest,
        "related": d.related.iter().map(place).collect::<Vec<_>>(),
    })
}

fn full(d: &Diagnostic, tongue: Tongue) -> String {
    let mut text = d.message(tongue);
    for help in d.helps(tongue) {
        text.push_str(if tongue == Tongue::Chinese { "；" } else { "; " });
        text.push_str(&help);
    }
    text
}

fn sarif(all: &[Diagnostic], tongue: Tongue) -> Json {
    let ids: BTreeSet<&str> = all.iter().map(|d| d.id).collect();
    let rules: Vec<Json> = ids
        .iter()
        .map(|id| {
            let text = messages::find(id).map_or(*id, |m| if tongue == Tongue::Chinese { m.zh } else { m.en });
            json!({ "id": id, "shortDescription": { "text": text } })
        })
        .collect();
    let location = |p: &Place| {
        let uri: String = crate::base::path::encode(&p.file).replace(':', "%3A");
        let mut physical = json!({ "artifactLocation": { "uri": uri } });
        if p.line > 0 {
            let column = p.column.max(1);
            physical["region"] = json!({ "startLine": p.line, "startColumn": column, "endColumn": column + p.length.max(1) });
        }
        json!({ "physicalLocation": physical })
    };
    let results: Vec<Json> = all
        .iter()
        .map(|d| {
            let level = match d.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            let mut result = json!({
                "ruleId": d.id,
                "level": level,
                "message": { "text": full(d, tongue) },
                "locations": d.place.iter().map(location).collect::<Vec<_>>(),
            });
            if !d.related.is_empty() {
                result["relatedLocations"] = d.related.iter().map(location).collect();
            }
            if let Some(site) = &d.site {
                result["properties"] = json!({ "site": &**site });
            }
            result
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "banyan", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// One suite a file, one case a finding; a run without findings is one case that passed.
fn junit(all: &[Diagnostic], tongue: Tongue) -> String {
    let mut report = quick_junit::Report::new("banyan");
    let mut suites: std::collections::BTreeMap<String, TestSuite> = std::collections::BTreeMap::new();
    for d in all {
        let file = d.place.as_ref().map_or("platform", |p| &*p.file).to_owned();
        let status = match d.severity {
            Severity::Error => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(full(d, tongue)).set_type(d.id);
                status
            }
            _ => TestCaseStatus::success(),
        };
        let name = match &d.place {
            Some(p) => format!("{p} {}", d.id),
            None => d.id.to_owned(),
        };
        let mut case = TestCase::new(name, status);
        if d.severity != Severity::Error {
            case.set_system_out(full(d, tongue));
        }
        suites.entry(file.clone()).or_insert_with(|| TestSuite::new(file)).add_test_case(case);
    }
    if suites.is_empty() {
        let mut suite = TestSuite::new("platform");
        suite.add_test_case(TestCase::new("check", TestCaseStatus::success()));
        suites.insert("platform".into(), suite);
    }
    report.add_test_suites(suites.into_values());
    report.to_string().unwrap_or_default()
}

fn github(d: &Diagnostic, tongue: Tongue) -> String {
    let kind = match d.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let data = |s: &str| s.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |s: &str| data(s).replace(':', "%3A").replace(',', "%2C");
    let mut at = Vec::new();
    if let Some(p) = &d.place {
        at.push(format!("file={}", property(&p.file)));
        if p.line > 0 {
            at.push(format!("line={},col={}", p.line, p.column.max(1)));
        }
    }
    at.push(format!("title={}", property(d.id)));
    format!("::{kind} {}::{}\n", at.join(","), data(&full(d, tongue)))
}
