//! Settings handed down: theme < platform < tier < each ancestor's `[children]` < site (D6).

use std::collections::BTreeMap;

use super::read::{Node, Settings};
use crate::base::diag::Diagnostic;

/// What a locked column keeps whatever lower levels say.
const LOCKED_KEYS: &[&str] = &["name", "url", "weight", "hidden", "drop", "type", "locked", "template"];

/// Layers from the platform down to the site, laid over each other. Values: the lowest wins. Columns and menus: merged by
/// id, in the order of first declaration. Accept rules: the site's own first, then those handed down from near to far.
pub fn merge(layers: &[&Node], out: &mut Vec<Diagnostic>) -> Node {
    let mut values = Settings::new();
    let mut columns: Vec<(String, Node)> = Vec::new();
    let mut menus: Vec<(String, Node)> = Vec::new();
    let mut accepts = Vec::new();
    let mut home = None;
    for layer in layers {
        // The order of the blocks is what a home page is: the lowest list counts as a whole.
        home = layer.lists.get("home").or(home);
        values.extend(layer.values.iter().map(|(k, v)| (k.clone(), v.clone())));
        for column in layer.list("column") {
            let Some(id) = column.text("id") else { continue };
            match columns.iter_mut().find(|(k, _)| k == id) {
                None => columns.push((id.to_owned(), column.clone())),
                Some((_, upper)) => lay_over(upper, column, out),
            }
        }
        for menu in layer.list("menu") {
            let Some(id) = menu.text("id") else { continue };
            match menus.iter_mut().find(|(k, _)| k == id) {
                None => menus.push((id.to_owned(), menu.clone())),
                Some((_, upper)) => {
                    upper.values.extend(menu.values.clone());
                    if !menu.list("item").is_empty() {
                        upper.lists.insert("item", menu.list("item").to_vec());
                    }
                }
            }
        }
        // Nearer rules are asked first.
        let own: Vec<Node> = layer.list("accept").to_vec();
        accepts.splice(0..0, own);
    }
    let dropped = |c: &Node| c.values.get("drop").is_some_and(|s| s.value == true);
    let columns: Vec<Node> = columns.into_iter().map(|(_, c)| c).filter(|c| !dropped(c)).collect();
    let mut lists = BTreeMap::new();
    lists.insert("column", columns);
    lists.insert("menu", menus.into_iter().map(|(_, m)| m).collect());
    lists.insert("accept", accepts);
    lists.extend(home.map(|blocks| ("home", blocks.clone())));
    if let Some(site) = layers.last() {
        lists.insert("place", site.list("place").to_vec());
    }
    Node { values, lists, place: layers.last().and_then(|l| l.place.clone()) }
}

fn lay_over(upper: &mut Node, lower: &Node, out: &mut Vec<Diagnostic>) {
    let locked = upper.values.get("locked").filter(|s| s.value == true).cloned();
    for (key, setting) in &lower.values {
        let changes = upper.values.get(key).is_none_or(|s| s.value != setting.value);
        let root = key.split('.').next().unwrap_or(key);
        if let Some(lock) = &locked
            && changes
            && key != "id"
            && LOCKED_KEYS.contains(&root)
        {
            out.push(
                Diagnostic::error("config.column-locked")
                    .at(setting.place.clone())
                    .arg("column", upper.text("id").unwrap_or_default())
                    .arg("key", key)
                    .also(lock.place.clone()),
            );
            continue;
        }
        upper.values.insert(key.clone(), setting.clone());
    }
    upper.place = lower.place.clone().or(upper.place.take());
}
