/*
 * What secplan asks of packages: a licence that can be read. Which licences are allowed is the policy's to say.
 */

fun RuleSet.noLicense() =
    packageRule("NO_LICENSE") {
        require {
            -isExcluded()
        }

        if (pkg.metadata.declaredLicenses.isEmpty() && pkg.concludedLicense == null) {
            warning("${pkg.metadata.id.toCoordinates()} declares no license.", "Ask its authors, or conclude one.")
        }
    }

fun RuleSet.unmappedLicense() =
    packageRule("UNMAPPED_DECLARED_LICENSE") {
        require {
            -isExcluded()
        }

        resolvedLicenseInfo.licenseInfo.declaredLicenseInfo.processed.unmapped.forEach { unmapped ->
            hint("${pkg.metadata.id.toCoordinates()} declares '$unmapped', which is no SPDX expression.", "Map it.")
        }
    }

val ruleSet =
    ruleSet(ortResult, licenseInfoResolver, resolutionProvider) {
        noLicense()
        unmappedLicense()
    }

ruleViolations += ruleSet.violations
