//! Editions: dated sets of rules of one lifecycle.
//!
//! A lifecycle's folder is one edition, named in its `account.yaml`. Any other is a folder below it,
//! `editions/<edition>/`, with the files that differ and an `edition.yaml`: each of them stands in
//! the place of the file of its name, and all others are the same.

use crate::source::{FileId, SourceFile, SourceMap};

/// The file that names an edition and says how accounts come into it.
pub const EDITION_FILE: &str = "edition.yaml";

/// A lifecycle as people name it: `newsletter`, or one of its editions, `newsletter@2027-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'t> {
    /// The lifecycle.
    pub lifecycle: &'t str,
    /// The edition; the one of the lifecycle's own folder, if none is named.
    pub edition: Option<&'t str>,
}

impl<'t> Named<'t> {
    /// Reads a name.
    pub fn read(text: &'t str) -> Self {
        match text.split_once('@') {
            Some((lifecycle, edition)) => Self {
                lifecycle,
                edition: Some(edition),
            },
            None => Self {
                lifecycle: text,
                edition: None,
            },
        }
    }

    /// The folder of the lifecycle.
    pub fn folder(&self) -> String {
        format!("workflows/{}", self.lifecycle)
    }

    /// The folder of an edition's own files.
    pub fn folder_of(&self, edition: &str) -> String {
        format!("workflows/{}/editions/{edition}", self.lifecycle)
    }

    /// The folder of the own files of the edition that is named, if it has one.
    pub(crate) fn overlay(&self, sources: &SourceMap) -> Option<String> {
        let folder = self.folder_of(self.edition?);
        let mut files = sources.files();
        files
            .any(|file| lies_in(&file.path, &folder).is_some())
            .then_some(folder)
    }

    /// The file that is in force under a name.
    pub(crate) fn find(&self, sources: &SourceMap, name: &str) -> Option<FileId> {
        let own = self.overlay(sources);
        let own = own.and_then(|folder| sources.id(&format!("{folder}/{name}")));
        own.or_else(|| sources.id(&format!("{}/{name}", self.folder())))
    }

    /// Whether a file belongs to an edition that is not the one named.
    fn is_foreign(&self, file: &SourceFile) -> bool {
        let below = format!("{}/editions/", self.folder());
        let edition = file.path.strip_prefix(&below);
        let edition = edition.and_then(|path| path.split('/').next());
        edition.is_some_and(|edition| Some(edition) != self.edition)
    }

    /// The sources without the files of other editions, so that nothing that is not in force is
    /// part of what is fingerprinted and kept.
    pub(crate) fn narrow(&self, sources: SourceMap) -> SourceMap {
        if !sources.files().any(|file| self.is_foreign(file)) {
            return sources;
        }
        let mut kept = SourceMap::default();
        for file in sources.files().filter(|file| !self.is_foreign(file)) {
            kept.add(&file.path, &file.text);
        }
        kept
    }
}

/// The name of a file that lies directly in a folder.
pub(crate) fn lies_in<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let name = path.strip_prefix(folder)?.strip_prefix('/')?;
    (!name.contains('/')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_edition_stands_in_the_place_of_its_name() {
        let mut sources = SourceMap::default();
        for path in [
            "workflows/demo/account.yaml",
            "workflows/demo/phone.yaml",
            "workflows/demo/editions/2027-01/phone.yaml",
            "workflows/demo/editions/2028-01/account.yaml",
        ] {
            sources.add(path, "");
        }
        let found = |named: &str, name: &str| {
            let sources = Named::read(named).narrow(sources.clone());
            let id = Named::read(named).find(&sources, name);
            id.and_then(|id| Some(sources.file(id)?.path.to_string()))
        };
        let is = |path: &str| Some(format!("workflows/demo/{path}"));
        assert_eq!(found("demo", "phone.yaml"), is("phone.yaml"));
        let own = is("editions/2027-01/phone.yaml");
        assert_eq!(found("demo@2027-01", "phone.yaml"), own);
        assert_eq!(found("demo@2027-01", "account.yaml"), is("account.yaml"));
        let narrowed = Named::read("demo").narrow(sources.clone());
        assert_eq!(narrowed.files().count(), 2);
    }
}
