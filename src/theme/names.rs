//! Names that a template uses and that must be there: filters, tests, functions, files. The engine asks for them only when
//! it comes by them; a page that is seldom seen would hide a mistake for long.

use std::collections::BTreeSet;

use minijinja::machinery::ast::{Call, CallArg, Expr, Macro, Stmt};
use minijinja::machinery::{Span, parse};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Filter,
    Test,
    Function,
    /// Extended, included or imported by its literal name.
    File,
}

#[derive(Clone, Debug)]
pub struct Used {
    pub what: What,
    pub name: String,
    /// Bytes of the source.
    pub range: std::ops::Range<usize>,
}

/// `t("key", name=value)`
#[derive(Clone, Debug)]
pub struct Phrase {
    pub key: String,
    /// Names of the values it is given; `None`: only known at run time.
    pub given: Option<BTreeSet<String>>,
    /// Bytes of the key.
    pub range: std::ops::Range<usize>,
}

#[derive(Clone, Debug, Default)]
pub struct Names {
    pub used: Vec<Used>,
    pub phrases: Vec<Phrase>,
    /// Names that the template gives to something: a function of that name may be a macro.
    pub given: BTreeSet<String>,
}

/// `None`: the file cannot be parsed; the engine says why when it is compiled.
pub fn names(source: &str) -> Option<Names> {
    let root = parse(source, "template", Default::default()).ok()?;
    let mut names = Names::default();
    names.statement(&root);
    Some(names)
}

impl Names {
    fn used(&mut self, what: What, name: &str, span: Span) {
        let range = span.start_offset as usize..span.end_offset as usize;
        self.used.push(Used { what, name: name.to_owned(), range });
    }

    fn file(&mut self, name: &Expr) {
        match name.as_const().and_then(|v| v.as_str().map(str::to_owned)) {
            Some(literal) => self.used(What::File, &literal, name.span()),
            None => self.expression(name),
        }
    }

    fn give(&mut self, target: &Expr) {
        match target {
            Expr::Var(v) => _ = self.given.insert(v.id.to_owned()),
            Expr::List(l) => l.items.iter().for_each(|e| self.give(e)),
            Expr::Tuple(t) => t.items.iter().for_each(|e| self.give(e)),
            _ => {}
        }
    }

    fn statements(&mut self, all: &[Stmt]) {
        all.iter().for_each(|s| self.statement(s));
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Template(t) => self.statements(&t.children),
            Stmt::EmitExpr(e) => self.expression(&e.expr),
            Stmt::ForLoop(f) => {
                self.give(&f.target);
                [Some(&f.iter), f.filter_expr.as_ref()].into_iter().flatten().for_each(|e| self.expression(e));
                self.statements(&f.body);
                self.statements(&f.else_body);
            }
            Stmt::IfCond(i) => {
                self.expression(&i.expr);
                self.statements(&i.true_body);
                self.statements(&i.false_body);
            }
            Stmt::WithBlock(w) => {
                for (target, value) in &w.assignments {
                    self.give(target);
                    self.expression(value);
                }
                self.statements(&w.body);
            }
            Stmt::Set(s) => {
                self.give(&s.target);
                self.expression(&s.expr);
            }
            Stmt::SetBlock(s) => {
                self.give(&s.target);
                s.filter.iter().for_each(|e| self.expression(e));
                self.statements(&s.body);
            }
            Stmt::AutoEscape(a) => self.statements(&a.body),
            Stmt::FilterBlock(f) => {
                self.expression(&f.filter);
                self.statements(&f.body);
            }
            Stmt::Block(b) => self.statements(&b.body),
            Stmt::Import(i) => {
                self.give(&i.name);
                self.file(&i.expr);
            }
            Stmt::FromImport(i) => {
                i.names.iter().for_each(|(name, alias)| self.give(alias.as_ref().unwrap_or(name)));
                self.file(&i.expr);
            }
            Stmt::Extends(e) => self.file(&e.name),
            Stmt::Include(i) if i.ignore_missing => {}
            Stmt::Include(i) => self.file(&i.name),
            Stmt::Macro(m) => self.macro_(m),
            Stmt::CallBlock(c) => {
                self.call(&c.call);
                self.macro_(&c.macro_decl);
            }
            Stmt::Do(d) => self.call(&d.call),
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
        }
    }

    fn macro_(&mut self, m: &Macro) {
        self.given.insert(m.name.to_owned());
        m.args.iter().for_each(|a| self.give(a));
        m.defaults.iter().for_each(|e| self.expression(e));
        self.statements(&m.body);
    }

    fn call(&mut self, call: &Call) {
        match &call.expr {
            Expr::Var(v) => {
                if v.id == "t" {
                    self.phrase(&call.args);
                }
                self.used(What::Function, v.id, v.span());
            }
            other => self.expression(other),
        }
        self.arguments(&call.args);
    }

    fn phrase(&mut self, arguments: &[CallArg]) {
        let Some((CallArg::Pos(first), rest)) = arguments.split_first() else { return };
        let Some(key) = first.as_const().and_then(|v| v.as_str().map(str::to_owned)) else { return };
        let name = |a: &CallArg| match a {
            CallArg::Kwarg(name, _) => Some((*name).to_owned()),
            _ => None,
        };
        let span = first.span();
        let range = span.start_offset as usize..span.end_offset as usize;
        self.phrases.push(Phrase { key, given: rest.iter().map(name).collect(), range });
    }

    fn arguments(&mut self, all: &[CallArg]) {
        for argument in all {
            let (CallArg::Pos(e) | CallArg::Kwarg(_, e) | CallArg::PosSplat(e) | CallArg::KwargSplat(e)) = argument;
            self.expression(e);
        }
    }

    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::Var(_) | Expr::Const(_) => {}
            Expr::Slice(s) => {
                self.expression(&s.expr);
                [&s.start, &s.stop, &s.step].into_iter().flatten().for_each(|e| self.expression(e));
            }
            Expr::UnaryOp(u) => self.expression(&u.expr),
            Expr::BinOp(b) => [&b.left, &b.right].into_iter().for_each(|e| self.expression(e)),
            Expr::Compare(c) => {
                self.expression(&c.expr);
                c.ops.iter().for_each(|op| self.expression(&op.expr));
            }
            Expr::IfExpr(i) => {
                [Some(&i.test_expr), Some(&i.true_expr), i.false_expr.as_ref()].into_iter().flatten().for_each(|e| self.expression(e));
            }
            Expr::Filter(f) => {
                self.used(What::Filter, f.name, f.span());
                f.expr.iter().for_each(|e| self.expression(e));
                self.arguments(&f.args);
            }
            Expr::Test(t) => {
                self.used(What::Test, t.name, t.span());
                self.expression(&t.expr);
                self.arguments(&t.args);
            }
            Expr::GetAttr(g) => self.expression(&g.expr),
            Expr::GetItem(g) => [&g.expr, &g.subscript_expr].into_iter().for_each(|e| self.expression(e)),
            Expr::Call(c) => self.call(c),
            Expr::List(l) => l.items.iter().for_each(|e| self.expression(e)),
            Expr::Tuple(t) => t.items.iter().for_each(|e| self.expression(e)),
            Expr::Map(m) => m.keys.iter().chain(&m.values).for_each(|e| self.expression(e)),
        }
    }
}
