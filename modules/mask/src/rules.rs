//! The configuration: what it may say, and the errors that name the place.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use maskgate_detect::{Detector, setting};
use maskgate_guest::{Members, Setting, Wrong};

use crate::entity::{Entities, Wanted};
use crate::maker::Maker;
use crate::path::{self, Segment};
use crate::scan::Scan;
use crate::settings;
use crate::treatment::Treatment;

/// The counter of dropped values that no rule lists. No rule may be called so.
pub const UNLISTED: &str = "unlisted";

/// What happens to a value that no path matches, on it or above it, and that isn't on the way to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    Keep,
    Drop,
    Refuse,
}

pub struct Rule {
    pub paths: Vec<Vec<Segment>>,
    pub treatment: Treatment,
    /// Where two paths match a value and neither is more specific, the rule with the greater number decides.
    pub strictness: usize,
}

pub struct Rules {
    pub unlisted: Unlisted,
    pub rules: Vec<Rule>,
    /// By which the report counts: the rules', then the finds'. A rule that scans has none, and its name is empty.
    pub names: Vec<String>,
    pub entities: Entities,
}

/// What is known of the rules that have been read.
struct Reader {
    names: Vec<String>,
    used: BTreeSet<String>,
    /// Of finds, and how many rules there are: a find's counter comes behind all rules'.
    finds: Vec<String>,
    rules: usize,
    /// The paths, and where each stands.
    paths: BTreeMap<Vec<Segment>, String>,
    wanted: Wanted,
}

pub fn read(configuration: &Setting) -> Result<Rules, Wrong> {
    let members = configuration.members(&["unlisted", "rules"])?;
    let unlisted = match members.required("unlisted")?.choice(&["keep", "drop", "refuse"])? {
        0 => Unlisted::Keep,
        1 => Unlisted::Drop,
        _ => Unlisted::Refuse,
    };
    let settings = members.required("rules")?.items()?;
    let mut reader = Reader {
        names: Vec::new(),
        used: BTreeSet::new(),
        finds: Vec::new(),
        rules: settings.len(),
        paths: BTreeMap::new(),
        wanted: Wanted::default(),
    };
    let rules = settings.iter().map(|setting| reader.rule(setting)).collect::<Result<_, _>>()?;
    let Reader { mut names, finds, wanted, .. } = reader;
    names.extend(finds);
    Ok(Rules { unlisted, rules, names, entities: Entities::new(&wanted) })
}

impl Reader {
    fn rule(&mut self, setting: &Setting) -> Result<Rule, Wrong> {
        let Some(scan) = setting.member("scan")? else {
            let members = setting.members(&["name", "paths", "treatment"])?;
            let name = self.name(&members)?;
            let paths = self.paths(&members, &name)?;
            self.names.push(name);
            let (treatment, strictness) = settings::treatment(&members.required("treatment")?, &mut self.wanted)?;
            return Ok(Rule { paths, treatment, strictness });
        };
        let paths = self.paths(&setting.members(&["paths", "scan"])?, "(scan)")?;
        self.names.push(String::new());
        Ok(Rule { paths, treatment: self.scan(&scan)?, strictness: settings::strictness("scan") })
    }

    fn scan(&mut self, setting: &Setting) -> Result<Treatment, Wrong> {
        let members = setting.members(&["least", "find"])?;
        let least = members.optional("least").map_or(Ok(50), |least| setting::least(&least))?;
        let find = members.required("find")?;
        let counter = self.rules + self.finds.len();
        let (mut detects, mut treatments) = (Vec::new(), Vec::new());
        for setting in find.items()? {
            let members = setting.members(&["name", "detect", "treatment"])?;
            let name = self.name(&members)?;
            self.finds.push(name);
            detects.push(setting::find(&members.required("detect")?)?);
            let treatment = members.required("treatment")?;
            treatments.push(match settings::treatment(&treatment, &mut self.wanted)?.0 {
                Treatment::Make(Maker::Shuffle(_) | Maker::Reveal(_)) => {
                    return Err(treatment.wrong("can't be of what is found in text"));
                }
                treatment => treatment,
            });
        }
        if detects.is_empty() {
            return Err(find.wrong("must have an item"));
        }
        let detector = Detector::new(&detects, least).map_err(|what| find.wrong(what))?;
        Ok(Treatment::Scan(Box::new(Scan::new(detector, treatments, counter as u32))))
    }

    /// A name that no rule or find before has.
    fn name(&mut self, members: &Members) -> Result<String, Wrong> {
        let name = members.required("name")?;
        let text = name.string()?;
        if ["", UNLISTED].contains(&text) {
            return Err(name.wrong(format!("must not be empty or `{UNLISTED}`")));
        }
        if !self.used.insert(text.to_string()) {
            return Err(name.wrong(format!("a rule or find before it has the name `{text}` too")));
        }
        Ok(text.to_string())
    }

    fn paths(&mut self, members: &Members, name: &str) -> Result<Vec<Vec<Segment>>, Wrong> {
        let mut paths = Vec::new();
        for item in members.required("paths")?.items()? {
            let text = item.string()?;
            let segments = path::parse(text).map_err(|what| item.wrong(format!("`{text}` {what}")))?;
            if let Some(before) = self.paths.insert(segments.clone(), name.to_string()) {
                return Err(item.wrong(format!("`{text}` stands in the rule `{before}` too")));
            }
            paths.push(segments);
        }
        Ok(paths)
    }
}
