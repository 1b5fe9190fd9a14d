//! What the walk does with a value that doesn't simply stay.

use core::slice;

use maskgate_guest::json::PADDING;
use maskgate_guest::{Full, Output};

use crate::characters::{number, string};
use crate::maker::{LARGE, Unmade, fits};
use crate::node::{Node, Verdict};
use crate::rules::Unlisted;
use crate::splice::Value;
use crate::treatment::{REDACTED, Treatment};
use crate::walk::Walk;

impl Walk {
    /// Does to a value what its node says. Whether something of its container is written now.
    ///
    /// # Safety
    /// The value is one that the scanner has read, of the message that the splice is set to.
    #[inline(never)]
    pub(crate) unsafe fn act(&mut self, node: &Node, value: Value, output: &mut Output) -> Result<bool, Full> {
        let Self { splice, tally, treatments, made, scratch, unlisted, .. } = self;
        let Some(treatment) = treatments.get_mut(node.rule as usize) else {
            // Nothing lists it. (Where that is kept, no node says otherwise.)
            if *unlisted == Unlisted::Refuse || value.root {
                splice.refuse("unlisted_field", value.from);
                return Ok(true);
            }
            unsafe {
                tally.count(tally.unlisted());
                splice.leave_out(&value);
            }
            return Ok(value.behind);
        };
        unsafe {
            match treatment {
                Treatment::Keep => return Ok(true),
                Treatment::Put(text) => splice.replace(&value, text.bytes(), output)?,
                Treatment::Drop => {
                    tally.count(node.rule);
                    splice.leave_out(&value);
                    return Ok(value.behind);
                }
                Treatment::Make(maker) => {
                    let json = slice::from_raw_parts(value.start, value.end.offset_from_unsigned(value.start));
                    if json == b"null" {
                        return Ok(true);
                    }
                    if json.len() > LARGE && !fits(json, maker.needs()) {
                        return Err(Full);
                    }
                    made.clear();
                    match maker.make(json, scratch, made) {
                        Ok(()) => {}
                        Err(Unmade::Unreadable) => {
                            made.clear();
                            made.extend_from_slice(REDACTED);
                        }
                        Err(Unmade::NotRevealed) => {
                            splice.refuse("not_revealed", value.start);
                            return Ok(true);
                        }
                    }
                    made.reserve(PADDING);
                    splice.replace(&value, made, output)?;
                }
                Treatment::Scan(scan) => {
                    let json = slice::from_raw_parts(value.start, value.end.offset_from_unsigned(value.start));
                    if (string(json) || number(json)) && scan.write(json, scratch, tally, made)? {
                        splice.replace(&value, made, output)?;
                    }
                    return Ok(true);
                }
            }
            tally.count(node.rule);
        }
        Ok(true)
    }
    /// Replaces what the rule of `here` finds in a member's key, which ends behind its closing quote; but where the member is
    /// taken out.
    ///
    /// # Safety
    /// As `act`.
    #[inline(never)]
    pub(crate) unsafe fn scan_key(
        &mut self,
        here: &Node,
        node: &Node,
        start: *const u8,
        end: *const u8,
        output: &mut Output,
    ) -> Result<(), Full> {
        let Self { splice, tally, treatments, made, scratch, .. } = self;
        if node.verdict == Verdict::Treat && matches!(treatments.get(node.rule as usize), Some(Treatment::Drop)) {
            return Ok(());
        }
        let Some(Treatment::Scan(scan)) = treatments.get_mut(here.rule as usize) else { return Ok(()) };
        unsafe {
            let key = slice::from_raw_parts(start, end.offset_from_unsigned(start));
            if scan.write(key, scratch, tally, made)? {
                splice.replace(&Value { start, end, from: start, behind: true, root: false }, made, output)?;
            }
        }
        Ok(())
    }
}
