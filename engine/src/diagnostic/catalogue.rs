//! Every diagnostic code with the page that explains it.

use super::Code;

/// What a code means.
#[derive(Debug)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// The page, as Markdown: a heading `# CODE: title`, what it means, and either a failing and a
    /// mended example or what to do.
    pub page: &'static str,
}

impl Explanation {
    /// What the code means, in one line.
    pub fn title(&self) -> &'static str {
        let heading = self.page.lines().next().unwrap_or_default();
        heading.split_once(": ").map_or(heading, |(_, title)| title)
    }

    /// The page without its heading.
    pub fn text(&self) -> &'static str {
        self.page
            .split_once('\n')
            .map_or("", |(_, text)| text.trim())
    }
}

/// Lists the codes, each with its page in `explain/`.
macro_rules! catalogue {
    ($($code:literal)*) => {
        const CATALOGUE: &[Explanation] = &[$(Explanation {
            code: Code($code),
            page: include_str!(concat!("../../explain/", $code, ".md")),
        }),*];
    };
}

catalogue! {
    // lifecycle source, and expressions
    "W0101" "W0102" "W0103" "W0104" "W0105" "W0106" "W0107" "W0108" "W0109" "W0110" "W0111"
    "W0112" "W0113" "W0114" "W0115" "W0116" "W0117" "W0118" "W0119" "W0120" "W0121" "W0122"
    "W0123" "W0124" "W0125" "W0126" "W0127" "W0128" "W0129" "W0130" "W0131" "W0132" "W0133"
    "W0134" "W0135" "W0136" "W0137" "W0138" "W0139" "W0140" "W0141"
    "W0201" "W0202" "W0203" "W0204" "W0205"
    "W0206" "W0207" "W0208" "W0301" "W0302" "W0303" "W0304" "W0305" "W0306" "W0307" "W0308"
    "W0309" "W0310" "W0311" "W0312" "W0313"
    // scenarios
    "W0211" "W0212" "W0213" "W0214" "W0215" "A0081" "A0082"
    // properties of lifecycles
    "W0231" "W0232" "W0233" "W0234" "W0235"
    // findings that are accepted
    "W0251" "W0252" "W0253" "W0254" "W0255"
    // what a lifecycle allows: its shape, and what it lets the wrong people do or learn
    "A0001" "A0002" "A0003" "A0004" "A0005" "A0006" "A0007" "A0008" "A0009" "A0010" "A0011"
    "A0012"
    "A1001" "A1002" "A1003" "A1004" "A1005" "A1006" "A1007" "A1008" "A1009" "A1010" "A1011"
    "A1012" "A1013" "A1014"
    // migrations between editions
    "A0071" "A0072" "A0073"
    // changes between two definitions
    "A2001" "A2002" "A2003" "A2004" "A2005" "A2006" "A2007" "A2008" "A2009" "A2010" "A2011"
    "A2012" "A2013" "A2014" "A2015" "A2016" "A2017" "A2018" "A2019"
    // takeover
    "A1051" "A1052" "A1053" "A1054"
    // policy source
    "P0101" "P0102" "P0103" "P0104" "P0105" "P0106" "P0107" "P0108" "P0109" "P0110" "P0111"
    "P0112" "P0113" "P0114" "P0115" "P0201" "P0202" "P0203" "P0204" "P0205" "P0206" "P0207" "P0208"
    "P0209" "P0210" "P0211"
    // policy documents, and other engines
    "P0301" "P0302" "P0303" "P0304" "P0305" "P0306" "P0307" "P0308" "P0309" "P0310" "P0311"
    "P0312" "P0313" "P0314" "P0315" "P0316" "P0317" "P0318" "P0321" "P0322" "P0323"
    // cases of policies
    "P0401" "P0402" "P0403" "P0404" "P0405" "P0406" "P0407" "P0408" "P0409" "P0411"
    // properties of policies
    "P0421" "P0422" "P0423" "P0424" "P0425" "P0426" "P0427" "P0428"
    // analysis: properties of lifecycles
    "A0051" "A0052" "A0053" "A0054"
    // denials
    "D0001" "D0002" "D0003" "D0004" "D0005" "D0006" "D0007" "D0008" "D0009" "D0010" "D0011"
    "D0012" "D0013" "D0014"
    // verification
    "V0001" "V0002" "V0003" "V0004" "V0005" "V0006" "V0007" "V0008" "V0009"
    // quotas
    "Q0001"
    // the store
    "S0001" "S0002" "S0003" "S0004" "S0005" "S0006" "S0007" "S0008" "S0009" "S0010" "S0011"
    "S0012" "S0013" "S0014" "S0015"
    // the command line
    "C0001" "C0002" "C0003" "C0004" "C0005" "C0006" "C0007" "C0008" "C0009" "C0010" "C0011"
    "C0012" "C0013" "C0014" "C0015" "C0016" "C0017" "C0018" "C0070"
}

/// Every code, family by family.
pub fn all() -> &'static [Explanation] {
    CATALOGUE
}

/// The explanation of a code, however its letter is written.
pub fn explain(code: &str) -> Option<&'static Explanation> {
    CATALOGUE
        .iter()
        .find(|explanation| explanation.code.0.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests;
