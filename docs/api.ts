import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { PROJECT_DIRECTORY } from '../local/project-directory';

/** What can be imported, and the report of its face: every exported name with its type. */
export const FACES = { 'aurora-iam': 'modules', 'aurora-iam.testing': 'testing' } as const;

export const REPORTS = join(PROJECT_DIRECTORY, 'docs', 'api');

/**
 * Holds the declarations that the build made against docs/api/<name>.api.md, with API Extractor.
 * @param write writes the reports anew
 * @returns the names of the reports that differ
 */
export function apiReports(write: boolean): string[] {
  mkdirSync(REPORTS, { recursive: true });
  const temporary = mkdtempSync(join(tmpdir(), 'aurora-iam-api-'));
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const changed = Object.entries(FACES).flatMap(([name, folder]) => {
    const config = ExtractorConfig.prepare({
      packageJsonFullPath: join(PROJECT_DIRECTORY, 'package.json'),
      configObjectFullPath: undefined,
      configObject: {
        projectFolder: PROJECT_DIRECTORY,
        mainEntryPointFilePath: join(PROJECT_DIRECTORY, 'dist', folder, 'index.d.ts'),
        newlineKind: 'lf',
        compiler: { tsconfigFilePath: join(PROJECT_DIRECTORY, 'tsconfig.json') },
        apiReport: {
          enabled: true,
          reportFileName: name,
          reportFolder: REPORTS,
          reportTempFolder: temporary,
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          compilerMessageReporting: silent,
          extractorMessageReporting: silent,
          tsdocMessageReporting: silent,
        },
      },
    });
    const { apiReportChanged } = Extractor.invoke(config, {
      localBuild: write,
      messageCallback: (message) => {
        // It prints which files it writes; `npm run docs` is silent.
        message.logLevel = ExtractorLogLevel.None;
      },
    });
    return apiReportChanged ? [name] : [];
  });
  rmSync(temporary, { recursive: true });
  return changed;
}
