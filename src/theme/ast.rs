//! What the loader and the lock check need to know of a template's inside. The parser is minijinja's own; its interface
//! has no promise of stability, so it is used here and in `names` only, and the version is pinned.

use minijinja::machinery::ast::{Expr, Stmt};
use minijinja::machinery::{Span, parse};

#[derive(Clone, Debug)]
pub struct Named {
    /// `None`: not a literal.
    pub name: Option<String>,
    /// Bytes of the source.
    pub range: std::ops::Range<usize>,
}

#[derive(Clone, Debug)]
pub struct Block {
    pub name: String,
    pub range: std::ops::Range<usize>,
    /// Blocks that stand inside it, directly or not.
    pub inside: Vec<String>,
    pub uses: Vec<Named>,
    /// `{{ super() }}` stands in it, under no condition: what the block held above is still shown.
    pub keeps: bool,
}

/// A template's skeleton.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    pub extends: Option<Named>,
    pub blocks: Vec<Block>,
    /// Includes, imports and fragments of the whole file.
    pub uses: Vec<Named>,
    /// Imports only: macros a block of the file may call.
    pub imports: Vec<Named>,
    /// Names that are set at the top of the file, outside any block: they reach into the layout above.
    pub sets: Vec<Named>,
}

fn range(span: Span) -> std::ops::Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

/// `None`: the file cannot be parsed; the engine says why when it is compiled.
pub fn outline(source: &str) -> Option<Outline> {
    let root = parse(source, "template", Default::default()).ok()?;
    let mut out = Outline::default();
    walk(std::slice::from_ref(&root), &mut out, &mut Vec::new());
    fragments(source, 0..source.len(), &mut out.uses);
    for block in &mut out.blocks {
        fragments(source, block.range.clone(), &mut block.uses);
    }
    Some(out)
}

/// A range of a statement, widened to the delimiters of its tags.
pub fn whole(source: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = source.get(..range.start).and_then(|t| t.rfind("{%")).unwrap_or(range.start);
    let end = source.get(range.end..).and_then(|t| t.find("%}")).map_or(range.end, |at| range.end + at + 2);
    start..end
}

/// The text of a block, without the delimiters of its tags.
pub fn block_text<'s>(source: &'s str, name: &str) -> Option<&'s str> {
    let outline = outline(source)?;
    let block = outline.blocks.into_iter().find(|b| b.name == name)?;
    source.get(block.range)
}

/// All loops of a template, outer ones before those inside them: bytes of the whole, from `for` on.
pub fn loops(source: &str) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    if let Ok(root) = parse(source, "template", Default::default()) {
        gather(std::slice::from_ref(&root), &mut out);
    }
    out
}

fn gather(statements: &[Stmt], out: &mut Vec<std::ops::Range<usize>>) {
    for statement in statements {
        match statement {
            Stmt::ForLoop(f) => {
                out.push(range(f.span()));
                gather(&f.body, out);
                gather(&f.else_body, out);
            }
            Stmt::IfCond(i) => {
                gather(&i.true_body, out);
                gather(&i.false_body, out);
            }
            Stmt::Template(t) => gather(&t.children, out),
            Stmt::Block(b) => gather(&b.body, out),
            Stmt::WithBlock(w) => gather(&w.body, out),
            Stmt::SetBlock(s) => gather(&s.body, out),
            Stmt::AutoEscape(a) => gather(&a.body, out),
            Stmt::FilterBlock(f) => gather(&f.body, out),
            Stmt::Macro(m) => gather(&m.body, out),
            Stmt::CallBlock(c) => gather(&c.macro_decl.body, out),
            _ => {}
        }
    }
}

fn named(expr: &Expr) -> Named {
    let name = expr.as_const().and_then(|v| v.as_str().map(str::to_owned));
    Named { name, range: range(expr.span()) }
}

fn var(expr: &Expr, out: &mut Vec<Named>) {
    match expr {
        Expr::Var(v) => out.push(Named { name: Some(v.id.to_owned()), range: range(v.span()) }),
        Expr::List(l) => l.items.iter().for_each(|e| var(e, out)),
        Expr::Tuple(t) => t.items.iter().for_each(|e| var(e, out)),
        _ => {}
    }
}

fn is_super(statement: &Stmt) -> bool {
    let Stmt::EmitExpr(e) = statement else { return false };
    matches!(&e.expr, Expr::Call(c) if matches!(&c.expr, Expr::Var(v) if v.id == "super"))
}

/// `open`: the blocks that enclose the statements, by place in `out.blocks`.
fn walk(statements: &[Stmt], out: &mut Outline, open: &mut Vec<usize>) {
    let uses = |out: &mut Outline, open: &[usize], used: Named| {
        for at in open {
            out.blocks[*at].uses.push(used.clone());
        }
        out.uses.push(used);
    };
    for statement in statements {
        match statement {
            Stmt::Template(t) => walk(&t.children, out, open),
            Stmt::Extends(e) => out.extends = Some(named(&e.name)),
            Stmt::Block(b) => {
                for at in open.iter() {
                    out.blocks[*at].inside.push(b.name.to_owned());
                }
                let place = out.blocks.len();
                out.blocks.push(Block {
                    name: b.name.to_owned(),
                    range: range(b.span()),
                    inside: Vec::new(),
                    uses: Vec::new(),
                    keeps: b.body.iter().any(is_super),
                });
                open.push(place);
                walk(&b.body, out, open);
                open.pop();
            }
            Stmt::Include(i) => {
                let used = named(&i.name);
                uses(out, open, used);
            }
            Stmt::Import(i) => {
                let used = named(&i.expr);
                if open.is_empty() {
                    var(&i.name, &mut out.sets);
                }
                out.imports.push(used.clone());
                uses(out, open, used);
            }
            Stmt::FromImport(i) => {
                let used = named(&i.expr);
                if open.is_empty() {
                    for (name, alias) in &i.names {
                        var(alias.as_ref().unwrap_or(name), &mut out.sets);
                    }
                }
                out.imports.push(used.clone());
                uses(out, open, used);
            }
            Stmt::ForLoop(f) => {
                walk(&f.body, out, open);
                walk(&f.else_body, out, open);
            }
            Stmt::IfCond(i) => {
                walk(&i.true_body, out, open);
                walk(&i.false_body, out, open);
            }
            Stmt::WithBlock(w) => walk(&w.body, out, open),
            Stmt::Set(s) => {
                if open.is_empty() {
                    var(&s.target, &mut out.sets);
                }
            }
            Stmt::SetBlock(s) => {
                if open.is_empty() {
                    var(&s.target, &mut out.sets);
                }
                walk(&s.body, out, open);
            }
            Stmt::AutoEscape(a) => walk(&a.body, out, open),
            Stmt::FilterBlock(f) => walk(&f.body, out, open),
            Stmt::Macro(m) => {
                if open.is_empty() {
                    out.sets.push(Named { name: Some(m.name.to_owned()), range: range(m.span()) });
                }
                walk(&m.body, out, open);
            }
            Stmt::CallBlock(c) => walk(&c.macro_decl.body, out, open),
            Stmt::EmitExpr(_) | Stmt::EmitRaw(_) | Stmt::Do(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
        }
    }
}

/// `fragment("footer.html")` renders a file as an include does; expressions are read as text, not walked.
fn fragments(source: &str, within: std::ops::Range<usize>, out: &mut Vec<Named>) {
    let Some(text) = source.get(within.clone()) else { return };
    for (at, _) in text.match_indices("fragment(") {
        let rest = &text[at + "fragment(".len()..];
        let trimmed = rest.trim_start();
        let start = within.start + at;
        let literal = trimmed.chars().next().filter(|c| matches!(c, '"' | '\'')).and_then(|q| {
            let inner = &trimmed[1..];
            inner.find(q).map(|end| inner[..end].to_owned())
        });
        out.push(Named { name: literal, range: start..start + "fragment".len() });
    }
}
