//! `stateward graph [WORKFLOW] [--account ID]`: the lifecycle as a picture.

mod next;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use stateward::analysis::picture::{Picture, dot, mermaid, svg};
use stateward::bundle::Bundle;
use stateward::name::{AccountId, Name};

use super::account::read;
use crate::app::App;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::graph::GraphDocument;
use crate::project::{Project, atomic};

/// Draw the lifecycle, one workflow, or where an account stands
///
/// Of an account, the states that it is in are filled; with `--as` or `--for`, what that principal
/// could ask for next stands out: the transitions that throttles, policies, callers, states and
/// conditions let through. Whoever may not read the account is told nothing of it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The workflow; all of them with what they set off, if none is given
    workflow: Option<Name>,
    /// Show where this account stands
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<AccountId>,
    /// Show what this principal could do next, to the one of `--as` or else to the store's owner
    #[arg(long = "for", value_name = "PRINCIPAL", requires = "account")]
    subject: Option<String>,
    /// The language of the picture; by default that of the file's ending, or else mermaid
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    format: Option<Language>,
    /// The file to write the picture to; by default standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What pictures are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// A state diagram for Markdown
    Mermaid,
    /// A graph for Graphviz
    Dot,
    /// A drawing, laid out
    Svg,
}

impl Language {
    /// A picture in it.
    pub fn render(self, picture: &Picture) -> String {
        match self {
            Self::Mermaid => mermaid::render(picture),
            Self::Dot => dot::render(picture),
            Self::Svg => svg::render(picture),
        }
    }

    fn of_ending(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "mmd" | "mermaid" => Some(Self::Mermaid),
            "dot" | "gv" => Some(Self::Dot),
            "svg" => Some(Self::Svg),
            _ => None,
        }
    }
}

pub fn run(args: &Args, app: &mut App) -> Result<Exit, CliError> {
    let language = args.language()?;
    let Some(picture) = picture(args, app)? else {
        return Ok(Exit::Denied);
    };
    let drawing = language.render(&picture);
    let name = language.to_possible_value();
    let name = name.map(|it| it.get_name().to_owned()).unwrap_or_default();
    let mut document = GraphDocument::new(&picture, name);
    match &args.out {
        Some(path) => {
            atomic::write(path, &drawing).map_err(|source| CliError::File {
                action: "write",
                path: path.clone(),
                source,
            })?;
            document.path = Some(path.display().to_string());
        }
        None => document.drawing = Some(drawing),
    }
    app.ui.emit(&document)?;
    Ok(Exit::Done)
}

impl Args {
    fn language(&self) -> Result<Language, CliError> {
        match (self.format, &self.out) {
            (Some(format), _) => Ok(format),
            (None, None) => Ok(Language::Mermaid),
            (None, Some(path)) => Language::of_ending(path).ok_or_else(|| CliError::Usage {
                message: format!("the ending of {} names no language", path.display()),
                hints: vec![
                    "end it in .svg, .dot, .gv, .mmd or .mermaid, or give `--format`".to_owned(),
                ],
            }),
        }
    }

    fn declared(&self, bundle: &Bundle) -> Result<Picture, CliError> {
        let lifecycle = &bundle.lifecycle;
        let Some(name) = &self.workflow else {
            return Ok(Picture::of_lifecycle(lifecycle));
        };
        Picture::of_workflow(lifecycle, name).ok_or_else(|| {
            let known = lifecycle.workflows.keys().map(Name::as_str);
            let see = "`stateward graph` draws them all";
            CliError::unknown("workflow", name.as_str(), known, see)
        })
    }
}

/// The picture that is asked for; `None` where the account is not for whoever asks, which is then
/// told.
fn picture(args: &Args, app: &mut App) -> Result<Option<Picture>, CliError> {
    let Some(id) = &args.account else {
        let project = Project::find(app.globals.project.as_deref())?;
        return args.declared(project.bundle()?.as_ref()).map(Some);
    };
    let opened = app.open()?;
    let picture = args.declared(&opened.session.bundle)?;
    let Some(account) = read(app, &opened, id)? else {
        return Ok(None);
    };
    let subject = args.subject.as_ref();
    let subject = subject.map(|name| opened.session.principal(name));
    let subject = subject.transpose()?.or_else(|| opened.principal.clone());
    let next = subject.map(|it| next::next(&opened, &account, &it));
    Ok(Some(picture.at(&account, next.transpose()?.as_ref())))
}
