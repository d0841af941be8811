//! Sentences, paragraphs and bodies.

use std::cell::Cell as Slot;
use std::fmt::Write;

use crate::plan::Cell;
use crate::rng::Rng;
use crate::words::{ADVERBS, BENEFITS, HEADS, MEASURES, PEOPLE, RESULTS, Theme, VERBS};
use crate::world::World;

/// What a text is about.
pub struct Matter<'a> {
    pub world: &'a World,
    pub cell: &'a Cell,
    pub theme: &'static Theme,
    pub thing: &'static str,
    /// Kinds of the last two sentences: the next is of another.
    last: Slot<[usize; 2]>,
}

/// Kinds of sentences.
const KINDS: usize = 14;

pub fn chinese_number(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match n {
        0..10 => DIGITS[n].into(),
        10..20 => format!("十{}", DIGITS[n - 10]),
        _ => format!("{}十{}", DIGITS[n / 10 % 10], DIGITS[n % 10]),
    }
}

macro_rules! put {
    ($out:expr, $($part:expr),+) => {{ $( $out.push_str($part); )+ }};
}

impl<'a> Matter<'a> {
    pub fn new(world: &'a World, cell: &'a Cell, theme: &'static Theme, thing: &'static str) -> Matter<'a> {
        Matter { world, cell, theme, thing, last: Slot::new([KINDS; 2]) }
    }

    pub fn place(&self) -> &str {
        &self.world.site(self.cell).place
    }

    /// The department, or the place that its government stands for.
    pub fn actor(&self) -> &str {
        let site = self.world.site(self.cell);
        if site.is_department() { &site.short } else { &site.place }
    }

    pub fn sub(&self, rng: &mut Rng) -> &str {
        self.world.below(usize::from(self.cell.site), rng)
    }

    pub fn sentence(&self, out: &mut String, rng: &mut Rng) {
        let thing = if rng.chance(0.6) { self.thing } else { rng.pick(&self.theme.things) };
        let last = self.last.get();
        let kind = loop {
            let kind = rng.below(KINDS);
            if !last.contains(&kind) {
                break kind;
            }
        };
        self.last.set([last[1], kind]);
        match kind {
            0 => put!(out, self.sub(rng), "的", thing, "现场，", rng.pick(PEOPLE), "正", rng.pick(ADVERBS), rng.pick(VERBS), "各项工作。"),
            1 => {
                put!(out, "据介绍，", self.place(), "今年以来");
                _ = write!(out, "累计投入资金{}万元，实施项目{}个，", rng.range(60, 9800), rng.range(3, 180));
                put!(out, thing, rng.pick(RESULTS), "。");
            }
            2 => put!(out, rng.pick(PEOPLE), "表示，", thing, "实施以后，", rng.pick(BENEFITS), "。"),
            3 => put!(
                out,
                "会议强调，要把",
                self.theme.name,
                "摆在突出位置，",
                rng.pick(ADVERBS),
                rng.pick(VERBS),
                thing,
                "，做到责任到人、措施到位。"
            ),
            4 => put!(out, "下一步，", self.actor(), "将以", thing, "为抓手，", rng.pick(MEASURES), "，确保", rng.pick(RESULTS), "。"),
            5 => {
                put!(out, "截至目前，", self.sub(rng), "、", self.sub(rng), "等地", thing);
                _ = write!(out, "完成率达到{}.{}%，比上年同期提高{}个百分点。", rng.range(61, 98), rng.range(0, 9), rng.range(1, 12));
            }
            6 => put!(out, "针对群众反映的问题，", self.actor(), rng.pick(MEASURES), "。"),
            7 => {
                put!(out, "在", self.sub(rng), "，");
                _ = write!(out, "{}名{}参加了活动，现场发放宣传资料{}份。", rng.range(12, 460), rng.pick(PEOPLE), rng.range(80, 5000));
            }
            8 => put!(out, "各有关单位要", rng.pick(MEASURES), "，每季度末报送进展情况。"),
            9 => {
                let month = rng.range(3, 9);
                _ = write!(out, "按照安排，{month}月底前完成{thing}摸底，{}月底前完成年度任务。", month + rng.range(1, 3));
            }
            10 => put!(out, thing, "事关群众切身利益，必须坚持问题导向，", rng.pick(MEASURES), "。"),
            11 => {
                put!(out, "数据显示，", self.place(), thing);
                _ = write!(out, "惠及{}.{}万人，{}。", rng.range(1, 86), rng.range(0, 9), rng.pick(RESULTS));
            }
            12 => put!(out, "与此同时，", rng.pick(&self.theme.things), "同步推进，部门联动、上下协同的格局基本形成。"),
            _ => put!(out, "**", rng.pick(MEASURES), "。** ", self.sub(rng), "先行试点，带动面上工作。"),
        }
    }

    pub fn paragraph(&self, out: &mut String, rng: &mut Rng, least: u32, most: u32) {
        for _ in 0..rng.range(least, most) {
            self.sentence(out, rng);
        }
    }

    fn points(&self, out: &mut String, rng: &mut Rng) {
        let numbered = rng.chance(0.4);
        let count = rng.range(3, 5);
        for at in 0..count {
            if at > 0 {
                out.push('\n');
            }
            if numbered {
                _ = write!(out, "{}. ", at + 1);
            } else {
                out.push_str("- ");
            }
            put!(
                out,
                rng.pick(ADVERBS),
                rng.pick(VERBS),
                rng.pick(&self.theme.things),
                "，",
                rng.pick(MEASURES),
                if at + 1 < count { "；" } else { "。" }
            );
        }
    }

    fn table(&self, out: &mut String, rng: &mut Rng) {
        out.push_str("| 序号 | 地区 | 事项 | 完成数 | 完成率 |\n|---:|---|---|---:|---:|");
        for at in 0..rng.range(3, 7) {
            put!(out, "\n| ");
            _ = write!(
                out,
                "{} | {} | {} | {} | {}% |",
                at + 1,
                self.sub(rng),
                rng.pick(&self.theme.things),
                rng.range(3, 900),
                rng.range(40, 100)
            );
        }
    }

    /// About `bytes` of paragraphs, lists, tables and, in a long text, headings.
    pub fn fill(&self, out: &mut String, rng: &mut Rng, bytes: usize) {
        let end = out.len() + bytes.saturating_sub(120);
        let long = bytes > 1500;
        let (mut block, mut head) = (rng.below(3), 0);
        loop {
            if !out.is_empty() {
                out.push_str("\n\n");
            }
            match block % 5 {
                0 if long && head < 8 => {
                    head += 1;
                    put!(out, "## ", &chinese_number(head), "、", rng.pick(HEADS), "\n\n");
                    self.paragraph(out, rng, 1, 3);
                }
                2 if bytes > 350 && rng.chance(0.5) => self.points(out, rng),
                4 if bytes > 600 && rng.chance(0.25) => self.table(out, rng),
                _ => self.paragraph(out, rng, 1, if long { 4 } else { 2 }),
            }
            block += 1;
            if out.len() >= end {
                return;
            }
        }
    }

    /// Chapters and articles, as rules are written; at least six articles.
    pub fn articles(&self, out: &mut String, rng: &mut Rng, bytes: usize) {
        let start = out.len();
        let (mut number, mut chapter) = (0, 0);
        let chapters = bytes > 1200;
        let mut article = |out: &mut String, text: &[&str]| {
            number += 1;
            put!(out, "\n\n第", &chinese_number(number), "条　");
            text.iter().for_each(|t| out.push_str(t));
            number
        };
        let mut heading = |out: &mut String, name: &str| {
            if chapters {
                chapter += 1;
                put!(out, "\n\n## 第", &chinese_number(chapter), "章　", name);
            }
        };
        heading(out, "总则");
        article(out, &["为了规范", self.thing, "，保障群众合法权益，根据有关法律、法规，结合本地实际，制定本办法。"]);
        article(out, &["本行政区域内的", self.thing, "及其监督管理活动，适用本办法。"]);
        article(out, &[self.theme.name, "工作坚持以人为本、统筹规划、分级负责、公开透明的原则。"]);
        heading(out, "职责和措施");
        loop {
            let part = [rng.pick(PEOPLE), rng.pick(MEASURES), rng.pick(MEASURES), rng.pick(&self.theme.things)];
            let last = match rng.below(4) {
                0 => article(out, &["有关部门应当", part[1], "；", part[2], "。"]),
                1 => article(out, &[part[3], "所需经费列入本级财政预算，", part[1], "。"]),
                2 => article(out, &["鼓励", part[0], "参与", part[3], "，任何单位和个人发现违规行为的，有权举报。"]),
                _ => article(out, &["主管部门每年向社会公布", part[3], "情况，", part[2], "。"]),
            };
            if last >= 5 && (out.len() - start + 300 >= bytes || last >= 60) {
                break;
            }
        }
        heading(out, "附则");
        article(out, &["本办法自公布之日起施行，有效期五年。"]);
    }
}
