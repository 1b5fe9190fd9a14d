//! What a frame asks, step by step. Where a step has to ask several things, the frame says how far it is.

use maskgate_guest::Refusal;
use maskgate_tape::Kind;

use crate::check::{Node, has};
use crate::evaluate::{Frame, Role, Run, Subject, Turn};
use crate::schema::{Members, Range, Step};

impl Run {
    /// Goes on with a frame, told the answer to what it asked last, until it asks again or ends.
    pub fn turn(&mut self, subject: &Subject, frame: &mut Frame, answer: Option<bool>) -> Result<Turn, Refusal> {
        let mut answer = answer;
        loop {
            let Some(step) = subject.schemas[frame.schema].steps.get(frame.step) else { return Ok(Turn::Holds) };
            let turn = match step {
                Step::All(schemas) => all(frame, schemas, answer),
                Step::Any(schemas) => any(frame, schemas, answer, subject.tracks),
                Step::One(schemas) => one(frame, schemas, answer),
                Step::Not(schema) => not(frame, *schema, answer),
                Step::If { test, then, otherwise } => choose(frame, *test, [*otherwise, *then], answer),
                _ => self.inside(subject, frame, step, answer)?,
            };
            if !matches!(turn, Turn::Holds) {
                return Ok(turn);
            }
            frame.forward();
            answer = None;
        }
    }

    /// A step that goes into an object or an array. Anything else is as it wants it.
    fn inside(
        &mut self,
        subject: &Subject,
        frame: &mut Frame,
        step: &Step,
        answer: Option<bool>,
    ) -> Result<Turn, Refusal> {
        let values = &subject.values;
        let Node::Value(value) = frame.node else { return Ok(Turn::Holds) };
        let wanted = match step {
            Step::Items { .. } | Step::Contains { .. } | Step::UnevaluatedItems(_) => Kind::Array,
            _ => Kind::Object,
        };
        if values.kind(value) != wanted {
            return Ok(Turn::Holds);
        }
        if let Step::Contains { schema, count } = step {
            return Ok(contains(subject, frame, value, *schema, *count, answer));
        }
        if answer == Some(false) {
            return Ok(Turn::Told);
        }
        match step {
            Step::Dependent(schemas) => {
                while let Some((key, schema)) = schemas.get(frame.item) {
                    frame.item += 1;
                    if has(values, value, key) {
                        return Ok(Turn::Ask(*schema, frame.node, Role::Here));
                    }
                }
                Ok(Turn::Holds)
            }
            Step::Members(members) => self.members(subject, frame, value, members),
            Step::Names(schema) => Ok(match next(subject, frame, value) {
                Some(member) => Turn::Ask(*schema, Node::Key(member), Role::Aside),
                None => Turn::Holds,
            }),
            Step::Items { first, rest } => {
                while let Some(item) = next(subject, frame, value) {
                    let schema = first.get(frame.turn).copied().or(*rest);
                    frame.turn += 1;
                    match schema {
                        Some(schema) => return Ok(Turn::Ask(schema, Node::Value(item), Role::Inner)),
                        None => break,
                    }
                }
                Ok(Turn::Holds)
            }
            Step::UnevaluatedItems(schema) | Step::UnevaluatedMembers(schema) => {
                if frame.item == 0 {
                    self.stamp(frame);
                }
                while let Some(item) = next(subject, frame, value) {
                    if !self.is_stamped(frame, item) {
                        return Ok(Turn::Ask(*schema, Node::Value(item), Role::Inner));
                    }
                }
                Ok(Turn::Holds)
            }
            _ => Ok(Turn::Holds),
        }
    }

    /// Each member by its key's own schema, those of all patterns that its key matches, and `rest` if there is none of them.
    /// `item` is the member, `turn` the schema to ask next: 0 the key's own, then the patterns', then `rest`.
    fn members(
        &mut self,
        subject: &Subject,
        frame: &mut Frame,
        object: usize,
        members: &Members,
    ) -> Result<Turn, Refusal> {
        let values = &subject.values;
        frame.item = frame.item.max(object + 1);
        while frame.item < values.after(object) {
            let member = frame.item;
            let key = values.key(member);
            while frame.turn < members.matched.len() + 2 {
                let schema = match frame.turn {
                    0 => {
                        let found = members.named.binary_search_by(|(name, _)| name.as_bytes().cmp(key)).ok();
                        found.map(|found| members.named[found].1)
                    }
                    turn => match members.matched.get(turn - 1) {
                        Some(&(pattern, schema)) => {
                            self.check.matches(pattern, key, values.key_offset(member))?.then_some(schema)
                        }
                        None => members.rest.filter(|_| frame.held == 0),
                    },
                };
                frame.turn += 1;
                if let Some(schema) = schema {
                    frame.held += 1;
                    return Ok(Turn::Ask(schema, Node::Value(member), Role::Inner));
                }
            }
            frame.item = values.after(member);
            (frame.turn, frame.held) = (0, 0);
        }
        Ok(Turn::Holds)
    }
}

/// The next member or item; `frame.item` is the last one.
fn next(subject: &Subject, frame: &mut Frame, container: usize) -> Option<usize> {
    let at = if frame.item == 0 { container + 1 } else { subject.values.after(frame.item) };
    if at < subject.values.after(container) {
        frame.item = at;
        return Some(at);
    }
    None
}

fn all(frame: &mut Frame, schemas: &[usize], answer: Option<bool>) -> Turn {
    if answer == Some(false) {
        return Turn::Told;
    }
    ask(frame, schemas).unwrap_or(Turn::Holds)
}

/// All are asked where it has to be known what they evaluate.
fn any(frame: &mut Frame, schemas: &[usize], answer: Option<bool>, tracks: bool) -> Turn {
    frame.held += u64::from(answer == Some(true));
    if frame.held > 0 && !tracks {
        return Turn::Holds;
    }
    let end = if frame.held > 0 { Turn::Holds } else { Turn::Fails };
    ask(frame, schemas).unwrap_or(end)
}

fn one(frame: &mut Frame, schemas: &[usize], answer: Option<bool>) -> Turn {
    frame.held += u64::from(answer == Some(true));
    if frame.held > 1 {
        return Turn::Fails;
    }
    let end = if frame.held == 1 { Turn::Holds } else { Turn::Fails };
    ask(frame, schemas).unwrap_or(end)
}

/// The next of some schemas, of the same value.
fn ask(frame: &mut Frame, schemas: &[usize]) -> Option<Turn> {
    let schema = *schemas.get(frame.item)?;
    frame.item += 1;
    Some(Turn::Ask(schema, frame.node, Role::Here))
}

fn not(frame: &Frame, schema: usize, answer: Option<bool>) -> Turn {
    match answer {
        None => Turn::Ask(schema, frame.node, Role::Aside),
        Some(true) => Turn::Fails,
        Some(false) => Turn::Holds,
    }
}

/// `branches`: what is asked where the test fails, and where it holds.
fn choose(frame: &mut Frame, test: usize, branches: [Option<usize>; 2], answer: Option<bool>) -> Turn {
    frame.turn += 1;
    match (frame.turn, answer) {
        (1, _) => Turn::Ask(test, frame.node, Role::Here),
        (2, Some(held)) => match branches[usize::from(held)] {
            Some(schema) => Turn::Ask(schema, frame.node, Role::Here),
            None => Turn::Holds,
        },
        (_, Some(false)) => Turn::Told,
        _ => Turn::Holds,
    }
}

fn contains(
    subject: &Subject,
    frame: &mut Frame,
    array: usize,
    schema: usize,
    count: Range,
    answer: Option<bool>,
) -> Turn {
    frame.held += u64::from(answer == Some(true));
    if frame.held > count.most {
        return Turn::Fails;
    }
    match next(subject, frame, array) {
        Some(item) => Turn::Ask(schema, Node::Value(item), Role::Inner),
        None if count.has(frame.held) => Turn::Holds,
        None => Turn::Fails,
    }
}
