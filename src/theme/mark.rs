//! Marks each element of a rendered page with the layer, file, line and block that wrote it: for the inspector of a preview.
//! What is built is never marked.

use std::collections::HashMap;

use lol_html::{RewriteStrSettings, element, rewrite_str};
use minijinja::{OutputSpan, OutputSpanKind};

use super::ast::outline;
use super::layer::Layers;

/// `LAYER FILE LINE BLOCK`, the block empty outside of all of them. Neither has a space in its name.
pub const ATTRIBUTE: &str = "data-banyan";

/// Innermost blocks of one template, by the bytes they take.
type Blocks = Vec<(std::ops::Range<usize>, String)>;

/// `html` with its marks. What an inner rendering has marked keeps its own.
pub fn mark(html: String, spans: &[OutputSpan], layers: &Layers) -> String {
    let mut blocks: HashMap<&str, Blocks> = HashMap::new();
    for span in spans {
        blocks.entry(span.name()).or_insert_with(|| text(layers, span.name()).map(|(_, t)| blocks_of(t)).unwrap_or_default());
    }
    let origin = |at: usize| {
        let span = &spans[spans.partition_point(|s| s.output_range().end <= at)..].first().filter(|s| s.output_range().start <= at)?;
        let (file, _) = text(layers, span.name())?;
        let (layer, _) = span.name().split_once('@')?;
        let before = at - span.output_range().start;
        // Raw output is its source, byte by byte.
        let (line, offset) = match span.kind() {
            OutputSpanKind::Raw => {
                let lines = html.as_bytes().get(span.output_range().start..at)?.iter().filter(|b| **b == b'\n').count();
                (span.line() + lines, span.source_range().start + before)
            }
            _ => (span.line(), span.source_range().start),
        };
        let here = blocks.get(span.name()).into_iter().flatten().filter(|(range, _)| range.contains(&offset));
        let block = here.min_by_key(|(range, _)| range.len()).map_or("", |(_, name)| name);
        Some(format!("{layer} {file} {line} {block}"))
    };
    let every = if html.contains("<body") { "body, body *" } else { "*" };
    let handler = element!(every, |el| {
        if !el.has_attribute(ATTRIBUTE)
            && let Some(origin) = origin(el.source_location().bytes().start)
        {
            el.set_attribute(ATTRIBUTE, &origin)?;
        }
        Ok(())
    });
    let marked = rewrite_str(&html, RewriteStrSettings::new().append_element_content_handler(handler));
    marked.unwrap_or(html)
}

/// Shown name and text of the template that the engine knows as `LAYER@name`.
fn text<'l>(layers: &'l Layers, qualified: &str) -> Option<(&'l str, &'l str)> {
    let (layer, name) = qualified.split_once('@')?;
    let t = layers.get(layers.find(layer)?).templates.get(name)?;
    Some((&t.file, &t.text))
}

fn blocks_of(text: &str) -> Blocks {
    outline(text).map(|o| o.blocks.into_iter().map(|b| (b.range, b.name)).collect()).unwrap_or_default()
}
