export declare function typesOf(document: { components: { schemas: Record<string, unknown> } }): string;
