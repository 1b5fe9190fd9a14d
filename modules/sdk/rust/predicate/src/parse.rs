//! The grammar, by recursive descent.
//!
//!     predicate  = all *( "or" all )
//!     all        = one *( "and" one )
//!     one        = "not" one / "(" predicate ")" / call / operand operator operand / pointer "in" list
//!     call       = name "(" arguments ")"     ; of `matches` the second is a text
//!     operand    = pointer / literal

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use core::cell::RefCell;

use maskgate_decimal::Decimal;
use maskgate_guest::json::value::Value;
use maskgate_pattern::Pattern;
use maskgate_pick::Paths;

use crate::test::{Kind, List, Literal, Match, NESTING, Operand, Operator, Test};
use crate::token::{Placed, Token, tokens, wrong};

const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    ("<=", Operator::LessOrEqual),
    (">", Operator::Greater),
    (">=", Operator::GreaterOrEqual),
];
const KINDS: [(&str, Kind); 6] = [
    ("is_null", Kind::Null),
    ("is_boolean", Kind::Bool),
    ("is_number", Kind::Number),
    ("is_string", Kind::Text),
    ("is_array", Kind::Array),
    ("is_object", Kind::Object),
];
const MATCHES: [(&str, Match); 3] =
    [("starts_with", Match::StartsWith), ("ends_with", Match::EndsWith), ("contains", Match::Contains)];

pub fn read(text: &str, paths: &mut Paths) -> Result<Test, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, paths };
    let test = parser.predicate(0)?;
    match parser.token() {
        Token::End => Ok(test),
        Token::Sign(")") => Err(parser.wrong("a `)` without a `(`")),
        _ => Err(parser.wrong("expected `and`, `or` or the end")),
    }
}

struct Parser<'a, 'p> {
    tokens: Vec<Placed<'a>>,
    at: usize,
    paths: &'p mut Paths,
}

impl<'a> Parser<'a, '_> {
    fn token(&self) -> &Token<'a> {
        &self.tokens[self.at].token
    }

    fn wrong(&self, what: &str) -> String {
        wrong(self.tokens[self.at].before, what)
    }

    /// Whether the next token is this one; then it is passed.
    fn passes(&mut self, token: &Token) -> bool {
        let passes = self.token() == token;
        self.at += usize::from(passes);
        passes
    }

    fn expect(&mut self, sign: &str, what: &str) -> Result<(), String> {
        if self.passes(&Token::Sign(sign)) { Ok(()) } else { Err(self.wrong(&format!("expected {what}"))) }
    }

    fn predicate(&mut self, depth: usize) -> Result<Test, String> {
        if depth == NESTING {
            return Err(self.wrong(&format!("more than {NESTING} tests in tests")));
        }
        let mut tests = vec![self.all(depth)?];
        while self.passes(&Token::Word("or")) {
            tests.push(self.all(depth)?);
        }
        Ok(single(tests, Test::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Test, String> {
        let mut tests = vec![self.one(depth)?];
        while self.passes(&Token::Word("and")) {
            tests.push(self.one(depth)?);
        }
        Ok(single(tests, Test::All))
    }

    fn one(&mut self, depth: usize) -> Result<Test, String> {
        let mut negated = false;
        while self.passes(&Token::Word("not")) {
            negated = !negated;
        }
        let test = if self.passes(&Token::Sign("(")) {
            let test = self.predicate(depth + 1)?;
            self.expect(")", "`)`")?;
            test
        } else if let Token::Word(name) = *self.token() {
            self.call(name)?
        } else {
            self.comparison()?
        };
        Ok(if negated { Test::Not(Box::new(test)) } else { test })
    }

    /// Not inlined: `one` is called once for each test in a test, and its frame must stay small.
    #[inline(never)]
    fn call(&mut self, name: &str) -> Result<Test, String> {
        let named = |of: &str| of == name;
        let kind = KINDS.iter().find(|(of, _)| named(of)).map(|&(_, kind)| kind);
        let matches = MATCHES.iter().find(|(of, _)| named(of)).map(|&(_, matches)| matches);
        if kind.is_none() && matches.is_none() && name != "exists" && name != "matches" {
            return Err(self.wrong(&match name {
                "and" | "or" | "in" => format!("expected a test before `{name}`"),
                _ => format!(
                    "`{name}` is no test; there are exists, is_null, is_boolean, is_number, is_string, is_array, is_object, \
                     starts_with, ends_with, contains, matches"
                ),
            }));
        }
        self.at += 1;
        self.expect("(", &format!("`(` behind `{name}`"))?;
        let test = match matches {
            Some(matches) => {
                let place = self.at;
                let text = self.text()?;
                self.expect(",", "`,` and what to look for")?;
                let sought = self.text()?;
                if let (Operand::Literal(_), Operand::Literal(_)) = (&text, &sought) {
                    self.at = place;
                    return Err(self.wrong("none of the two is a pointer"));
                }
                Test::Text(matches, text, sought)
            }
            None if name == "matches" => {
                let path = self.path()?;
                self.expect(",", "`,` and a regular expression")?;
                Test::Pattern(path, Box::new(RefCell::new(self.pattern()?)))
            }
            None => {
                let path = self.path()?;
                kind.map_or(Test::Exists(path), |kind| Test::Is(kind, path))
            }
        };
        self.expect(")", "`)`")?;
        Ok(test)
    }

    #[inline(never)]
    fn comparison(&mut self) -> Result<Test, String> {
        let place = self.at;
        let left = self.operand()?;
        if self.passes(&Token::Word("in")) {
            let Operand::Path(path) = left else {
                self.at = place;
                return Err(self.wrong("expected a pointer before `in`"));
            };
            return Ok(Test::In(path, self.list()?));
        }
        let found = OPERATORS.iter().find(|(sign, _)| *self.token() == Token::Sign(sign));
        let Some(&(sign, operator)) = found else {
            return Err(self.wrong("expected `==`, `!=`, `<`, `<=`, `>`, `>=` or `in`"));
        };
        self.at += 1;
        let right = self.operand()?;
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        for operand in [&left, &right] {
            if ordered && matches!(operand, Operand::Literal(Literal::Null | Literal::Bool(_))) {
                self.at = place;
                return Err(self.wrong(&format!("`{sign}` is for numbers and for texts")));
            }
        }
        if let (Operand::Literal(_), Operand::Literal(_)) = (&left, &right) {
            self.at = place;
            return Err(self.wrong("none of the two is a pointer"));
        }
        Ok(Test::Compare(operator, left, right))
    }

    fn list(&mut self) -> Result<List, String> {
        self.expect("[", "`[` and literals")?;
        let mut list = List::default();
        loop {
            match self.literal()? {
                Literal::Null => list.null = true,
                Literal::Bool(true) => list.yes = true,
                Literal::Bool(false) => list.no = true,
                Literal::Number(number) => list.numbers.push(number),
                Literal::Text(text) => list.texts.push(text),
            }
            if !self.passes(&Token::Sign(",")) {
                break;
            }
        }
        self.expect("]", "`,` or `]`")?;
        list.texts.sort_unstable();
        list.numbers.sort_unstable_by(|one, other| Decimal::read(one.as_bytes()).cmp(&Decimal::read(other.as_bytes())));
        Ok(list)
    }

    fn operand(&mut self) -> Result<Operand, String> {
        match self.token() {
            Token::Pointer(_) => Ok(Operand::Path(self.path()?)),
            Token::Literal(_) => Ok(Operand::Literal(self.literal()?)),
            _ => {
                Err(self
                    .wrong("expected a pointer (`/a/b`), a number, a text between double quotes, true, false or null"))
            }
        }
    }

    /// A pointer, or a text.
    fn text(&mut self) -> Result<Operand, String> {
        match self.token() {
            Token::Pointer(_) | Token::Literal(Value::String(_)) => self.operand(),
            _ => Err(self.wrong("expected a pointer (`/a/b`) or a text between double quotes")),
        }
    }

    /// A regular expression, which is a literal: one out of a message would be compiled for each.
    #[inline(never)]
    fn pattern(&mut self) -> Result<Pattern, String> {
        let Token::Literal(Value::String(text)) = self.token() else {
            return Err(self.wrong("expected a regular expression between double quotes"));
        };
        let pattern = Pattern::new(text).map_err(|what| self.wrong(&format!("the regular expression {what}")))?;
        self.at += 1;
        Ok(pattern)
    }

    fn path(&mut self) -> Result<usize, String> {
        let Token::Pointer(keys) = self.token() else { return Err(self.wrong("expected a pointer (`/a/b`)")) };
        let path = keys.clone();
        self.at += 1;
        Ok(self.paths.add(&path))
    }

    fn literal(&mut self) -> Result<Literal, String> {
        let literal = match self.token() {
            Token::Literal(Value::Null) => Literal::Null,
            Token::Literal(Value::Bool(value)) => Literal::Bool(*value),
            Token::Literal(Value::String(text)) => Literal::Text(text.clone()),
            Token::Literal(Value::Number(number)) if Decimal::read(number.as_bytes()).is_some() => {
                Literal::Number(number.clone())
            }
            Token::Literal(Value::Number(_)) => return Err(self.wrong("the number's exponent has more than 18 digits")),
            _ => return Err(self.wrong("expected a number, a text between double quotes, true, false or null")),
        };
        self.at += 1;
        Ok(literal)
    }
}

fn single(mut tests: Vec<Test>, several: fn(Vec<Test>) -> Test) -> Test {
    match tests.pop() {
        Some(test) if tests.is_empty() => test,
        last => {
            tests.extend(last);
            several(tests)
        }
    }
}
