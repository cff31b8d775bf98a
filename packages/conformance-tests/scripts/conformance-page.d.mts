export declare const pageFile: string;
export declare function conformancePage(
  suite: Pick<
    typeof import('@cairn/conformance-tests'),
    'caseGroups' | 'conformanceCases' | 'groupOf' | 'mutants' | 'serializerCases' | 'serializerMutants'
  >,
): string;
