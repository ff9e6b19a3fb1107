//! The bundle: one immutable, checked, fingerprinted set of lifecycle, policies and principals.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::account::Digest;
use crate::diagnostic::{Diagnostic, Severity, yaml};
use crate::expr::Compiler;
use crate::lifecycle::edition::{Named, lies_in};
use crate::lifecycle::syntax::AccountFile;
use crate::lifecycle::{self, model::Lifecycle};
use crate::name::Name;
use crate::policy::{Kinds, PolicySet, Principals};
use crate::source::{FileId, SourceFile, SourceMap, Span};

/// Everything that decides: loaded as a whole, replaced as a whole.
#[derive(Debug)]
pub struct Bundle {
    /// The files it was loaded from.
    pub sources: SourceMap,
    /// The lifecycle.
    pub lifecycle: Lifecycle,
    /// The policies.
    pub policies: PolicySet,
    /// The listed principals.
    pub principals: Principals,
    /// SHA-256 of the files.
    pub fingerprint: Digest,
    /// Findings that do not keep it from loading.
    pub warnings: Vec<Diagnostic>,
}

/// Why a bundle did not load: what is wrong, and the files to show it in.
#[derive(Debug, thiserror::Error)]
#[error("the definition has {} error(s)", .diagnostics.iter().filter(|d| d.severity == Severity::Error).count())]
pub struct LoadError {
    /// The files.
    pub sources: SourceMap,
    /// Every finding, by file and place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where the policies and principals of every lifecycle are, unless one has a folder of its own there.
const POLICIES: &str = "policies";

impl Bundle {
    /// Loads the lifecycle `workflows/<lifecycle>/`, or [an edition](crate::lifecycle::edition) of it
    /// (`<lifecycle>@<edition>`), with the policies and principals in `policies/<lifecycle>/`, or in
    /// `policies/` where it has no folder of its own there.
    ///
    /// # Errors
    /// [`LoadError`] with every finding, where any of them is an error.
    pub fn load(sources: SourceMap, name: &str) -> Result<Self, LoadError> {
        let sources = Named::read(name).narrow(sources);
        let lifecycle::Loaded {
            lifecycle: loaded,
            diagnostics: mut findings,
        } = lifecycle::load(&sources, name);
        let Some(loaded) = loaded else {
            return Err(LoadError {
                sources,
                diagnostics: findings,
            });
        };
        let (policies, principals) = load_policies(&sources, &loaded, &mut findings);
        findings.sort_by_key(|finding| (finding.primary.span, finding.code));
        if findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
        {
            return Err(LoadError {
                sources,
                diagnostics: findings,
            });
        }
        let fingerprint = fingerprint(&sources);
        let warnings = findings;
        Ok(Self {
            sources,
            lifecycle: loaded,
            policies,
            principals,
            fingerprint,
            warnings,
        })
    }

    /// Loads a bundle again from the files that it was loaded from, whichever edition they are.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_again(files: &[(String, String)], lifecycle: &Name) -> Result<Self, LoadError> {
        let mut sources = SourceMap::default();
        for (path, text) in files {
            sources.add(path, text);
        }
        let below = format!("workflows/{lifecycle}/editions/");
        let mut own = files.iter().filter_map(|(path, _)| {
            let (edition, _) = path.strip_prefix(&below)?.split_once('/')?;
            Some(format!("{lifecycle}@{edition}"))
        });
        let name = own.next().unwrap_or_else(|| lifecycle.to_string());
        Self::load(sources, &name)
    }

    /// The path and text of every file, sorted by path: what it takes to load the bundle again.
    pub fn files(&self) -> Vec<(String, String)> {
        let pair = |file: &SourceFile| (file.path.to_string(), file.text.to_string());
        let mut files: Vec<_> = self.sources.files().map(pair).collect();
        files.sort();
        files
    }

    /// The folder that its policies and principals are in.
    pub fn policy_folder(&self) -> String {
        policy_folder(&self.sources, self.lifecycle.name.as_str())
    }

    /// A compiler of expressions over the lifecycle's names, with its functions.
    ///
    /// # Errors
    /// As [`Compiler::new`]; not for a bundle that was loaded.
    pub fn compiler(&self) -> Result<Compiler, Vec<Diagnostic>> {
        compiler(&self.sources, &self.lifecycle)
    }

    /// `file:line:column` of a place in the definition.
    pub fn locate(&self, span: Span) -> Option<String> {
        self.sources.locate(span).map(|place| place.to_string())
    }
}

fn compiler(sources: &SourceMap, loaded: &Lifecycle) -> Result<Compiler, Vec<Diagnostic>> {
    let functions = loaded
        .functions
        .and_then(|id| Some((sources.file(id)?, id)));
    Compiler::new(&loaded.vocabulary, functions)
}

fn load_policies(
    sources: &SourceMap,
    loaded: &Lifecycle,
    findings: &mut Vec<Diagnostic>,
) -> (PolicySet, Principals) {
    let compiler = match compiler(sources, loaded) {
        Ok(compiler) => compiler,
        Err(wrong) => {
            findings.extend(wrong);
            return (PolicySet::default(), Principals::default());
        }
    };
    let folder = policy_folder(sources, loaded.name.as_str());
    let scripts: Vec<FileId> = sources
        .files()
        .filter(|file| lies_in(&file.path, &folder).is_some_and(|name| name.ends_with(".rhai")))
        .filter_map(|file| sources.id(&file.path))
        .collect();
    let vocabulary = &loaded.vocabulary;
    let policies = PolicySet::load(&scripts, sources, &compiler, vocabulary, findings);
    let owns = loaded.principal_kinds.iter();
    let kinds: Kinds = owns
        .map(|(name, kind)| (name.clone(), kind.owns_account))
        .collect();
    let listed = sources
        .id(&format!("{folder}/principals.yaml"))
        .and_then(|id| Some((sources.file(id)?, id)));
    let principals = match listed {
        Some((file, id)) => {
            Principals::load(id, &file.text, kinds, vocabulary, &policies, findings)
        }
        None => Principals::of_kinds(kinds),
    };
    (policies, principals)
}

fn policy_folder(sources: &SourceMap, lifecycle: &str) -> String {
    let own = format!("{POLICIES}/{lifecycle}");
    let has_own = |file: &SourceFile| lies_in(&file.path, &own).is_some();
    if sources.files().any(has_own) {
        own
    } else {
        POLICIES.to_owned()
    }
}

fn fingerprint(sources: &SourceMap) -> Digest {
    let mut files: Vec<_> = sources.files().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    fingerprint_of_parts(files.iter().flat_map(|file| [&*file.path, &*file.text]))
}

/// The fingerprint of a bundle's files, sorted by path.
pub(crate) fn fingerprint_of(files: &[(String, String)]) -> Digest {
    fingerprint_of_parts(files.iter().flat_map(|(path, text)| [path.as_str(), text]))
}

/// SHA-256 over every path and text, each preceded by its length.
fn fingerprint_of_parts<'p>(parts: impl Iterator<Item = &'p str>) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    Digest(hash.finalize().into())
}

/// Why the files of a definition could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A file or folder cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not text.
    #[error("{} is not UTF-8 text", .path.display())]
    NotText {
        /// Which.
        path: PathBuf,
    },
    /// A file ends in `.yml`, and would be passed over.
    #[error("{} would not be read: rename it so that it ends in .yaml", .path.display())]
    Ending {
        /// Which.
        path: PathBuf,
    },
    /// There is no such edition of the lifecycle.
    #[error("there is no edition `{asked}` of `{lifecycle}`: there is {}", .known.join(", "))]
    NoEdition {
        /// The lifecycle.
        lifecycle: String,
        /// Which was asked for.
        asked: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A file is too large to be a definition.
    #[error("{} has more than {} bytes", .path.display(), FILE_BYTES_MAX)]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
}

/// The largest file of a definition, in bytes.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// Reads the files of a definition below `root`: `workflows/<lifecycle>/`, those of
/// [an edition](crate::lifecycle::edition) besides where one is named (`<lifecycle>@<edition>`), and
/// `policies/<lifecycle>/` or else `policies/`.
///
/// # Errors
/// When a folder or the edition is missing, or a file cannot be read, is too large or is not text.
pub fn read_sources(root: &Path, name: &str) -> Result<SourceMap, ReadError> {
    let mut sources = SourceMap::default();
    let endings = ["yaml", "rhai"];
    let named = Named::read(name);
    add_folder(&mut sources, root, &named.folder(), &endings)?;
    if let Some(edition) = named.edition {
        add_edition(&mut sources, root, named, edition, &endings)?;
    }
    let own = format!("{POLICIES}/{}", named.lifecycle);
    for folder in [own.as_str(), POLICIES] {
        if root.join(folder).is_dir() {
            add_folder(&mut sources, root, folder, &endings)?;
            break;
        }
    }
    Ok(sources)
}

/// Adds the files of an edition, unless it is that of the lifecycle's own folder.
fn add_edition(
    sources: &mut SourceMap,
    root: &Path,
    named: Named<'_>,
    edition: &str,
    endings: &[&str],
) -> Result<(), ReadError> {
    let known = editions(root, named, sources);
    if !known.iter().any(|known| known == edition) {
        return Err(ReadError::NoEdition {
            lifecycle: named.lifecycle.to_owned(),
            asked: edition.to_owned(),
            known,
        });
    }
    let folder = named.folder_of(edition);
    if root.join(&folder).is_dir() {
        add_folder(sources, root, &folder, endings)?;
    }
    Ok(())
}

/// The editions of a lifecycle: that of its folder, and those below it.
fn editions(root: &Path, named: Named<'_>, sources: &SourceMap) -> Vec<String> {
    let account = sources.id(&format!("{}/account.yaml", named.folder()));
    let account = account.and_then(|id| {
        let read = yaml::read::<AccountFile>(id, &sources.file(id)?.text).0?;
        Some(read.value.edition)
    });
    let folders = fs::read_dir(root.join(named.folder()).join("editions"));
    let folders = folders.into_iter().flatten().flatten();
    let names = folders
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut known: Vec<String> = account.into_iter().chain(names).collect();
    known.sort();
    known.dedup();
    known
}

/// Adds the files that lie directly in a folder and have one of the endings, by name.
pub(crate) fn add_folder(
    sources: &mut SourceMap,
    root: &Path,
    folder: &str,
    endings: &[&str],
) -> Result<Vec<FileId>, ReadError> {
    let path = root.join(folder);
    let failed = |error| ReadError::Io {
        path: path.clone(),
        error,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(&path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Editors leave hidden and backup files beside the real ones.
        if name.starts_with('.') {
            continue;
        }
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some(ending) if endings.contains(&ending) => names.push((name, entry.path())),
            Some("yml") => return Err(ReadError::Ending { path: entry.path() }),
            _ => {}
        }
    }
    names.sort();
    let add = |(name, path): (String, PathBuf)| {
        Ok(sources.add(&format!("{folder}/{name}"), &read_text(&path)?))
    };
    names.into_iter().map(add).collect()
}

fn read_text(path: &Path) -> Result<String, ReadError> {
    let failed = |error| ReadError::Io {
        path: path.to_owned(),
        error,
    };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        return Err(ReadError::TooLarge {
            path: path.to_owned(),
        });
    }
    String::from_utf8(bytes).map_err(|_| ReadError::NotText {
        path: path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_read_by_its_name_and_an_unknown_one_refused() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let load = |name: &str| Bundle::load(read_sources(&root, name).unwrap(), name).unwrap();
        let (old, new) = (load("resource_account"), load("resource_account@2025-12"));
        assert_eq!(&*old.lifecycle.edition, "2024-05");
        assert_eq!(&*new.lifecycle.edition, "2025-12");
        assert_ne!(old.fingerprint, new.fingerprint);
        let named = load("resource_account@2024-05");
        assert_eq!(named.fingerprint, old.fingerprint);
        for bundle in [old, new] {
            let again = Bundle::load_again(&bundle.files(), &bundle.lifecycle.name).unwrap();
            assert_eq!(again.fingerprint, bundle.fingerprint);
            assert_eq!(again.lifecycle.edition, bundle.lifecycle.edition);
        }
        let refused = read_sources(&root, "resource_account@2023-01").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "there is no edition `2023-01` of `resource_account`: there is 2024-05, 2025-12"
        );
        assert!(read_sources(&root, "resource_account@../../x").is_err());
    }

    #[test]
    fn a_file_that_would_be_passed_over_is_refused_by_name() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("workflows/demo");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("account.yaml"), "lifecycle: demo").unwrap();
        assert!(read_sources(root.path(), "demo").is_ok());
        fs::write(folder.join("phone.yml"), "workflow: phone").unwrap();
        let refused = read_sources(root.path(), "demo").unwrap_err().to_string();
        assert!(
            refused.ends_with("phone.yml would not be read: rename it so that it ends in .yaml")
        );
    }
}
